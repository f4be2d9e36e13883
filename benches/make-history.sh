#!/bin/sh
# Creates a repository with COMMITS commits (one in ten a merge) and TAGS version tags in DIR. The result
# is always the same. The last tag is about 50 commits before the end. With WHERE=beside each tag is on a
# commit of its own beside `main`, as releases on branches that are never merged.
set -eu
commits=$1 tags=$2 dir=$3 where=${4:-main}
git init -q -b main "$dir"
awk -v commits="$commits" -v tags="$tags" -v where="$where" '
function who(t) { printf "committer Ada <ada@example.com> %d +0000\n", t }
function text(s) { printf "data %d\n%s\n", length(s), s }
BEGIN {
    every = (commits - 50) / tags; if (every < 1) every = 1
    side = 0; made = 0
    for (n = 1; n <= commits; n++) {
        time = 1500000000 + n * 600
        kind = n % 7 == 0 ? "feat" : n % 3 == 0 ? "fix" : "chore"
        if (n % 10 == 5 && n > 10) {
            printf "commit refs/heads/side\nmark :%d\n", n; who(time)
            text(kind "(side): change number " n "\n\nWhy this was needed, in a line or two of prose,\nas commit messages have it.\n")
            printf "from :%d\n", n - 2
            printf "M 100644 inline src/s%d.txt\n", n % 40; text("side " n "\n")
            side = n; continue
        }
        printf "commit refs/heads/main\nmark :%d\n", n; who(time)
        if (side) text("Merge pull request #" n " from ada/side\n\n" kind ": change number " n "\n")
        else text(kind ": change number " n " (#" n ")\n\nWhy this was needed, in a line or two of prose,\nas commit messages have it.\n")
        if (last) printf "from :%d\n", last
        if (side) { printf "merge :%d\n", side; side = 0 }
        printf "M 100644 inline src/f%d.txt\n", n % 200; text("main " n "\n")
        last = n
        if (n >= (made + 1) * every && made < tags && n <= commits - 50) {
            made++
            at = n
            if (where == "beside") {
                at = commits + made
                printf "commit refs/heads/release\nmark :%d\n", at; who(time); text("chore: release\n")
                printf "from :%d\nM 100644 inline VERSION\n", n; text("release " made "\n")
            }
            printf "tag v%d.%d.%d\nfrom :%d\ntagger Ada <ada@example.com> %d +0000\n", int(made / 100) + 1, int(made / 10) % 10, made % 10, at, time
            text("release " made "\n")
        }
    }
    print "done"
}' | git -C "$dir" fast-import --quiet --done
git -C "$dir" pack-refs --all
git -C "$dir" reset -q --hard main
