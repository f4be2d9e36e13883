# Writes every fenced block of YAML that has `on:` to a file of its own in the folder `out`.
/^```ya?ml$/ { inside = 1; text = ""; next }
/^```$/ && inside { inside = 0; if (text ~ /(^|\n)on:/) { name = out "/page-" ++n ".yml"; printf "%s", text >name; close(name) } next }
inside { text = text $0 "\n" }
