//! Manifests of packages: each has its version in one place, and versions of others around it.

use super::*;

#[test]
fn cargo_versions_are_read_from_the_package_or_the_workspace() {
    says_it(
        "a/Cargo.toml",
        &[
            "[package]\nname = \"a\"\nversion = \"1.2.3\"\n\n[dependencies]\nb = { version = \"9.0.0\" }\n",
            "[package]\nversion = '1.2.3'\r\nname = \"a\"\r\n",
            "[workspace.package]\nversion = \"1.2.3\"\n",
            "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"1.2.3\"\n[package]\nname = \"a\"\nversion.workspace = true\n",
            "[package]\nname = \"a\"\nversion = \"1.2.3\"\n[workspace.package]\nversion = \"0.2.0\"\n",
            "package = { name = \"a\", version = \"1.2.3\" }\n",
        ],
    );
    refuses(
        "Cargo.toml",
        &[
            "[workspace]\nmembers = [\"a\"]\n",
            "[package",
            "[package]\nname = \"a\"\nversion = \"0.0.0\"\n",
            "[dependencies]\nb = \"1.2.3\"\n",
            "[package]\nname = \"a\"\nversion.workspace = true\n",
        ],
    );
}

#[test]
fn a_workspace_member_has_the_version_of_the_nearest_workspace_above() {
    let member = "[package]\nname = \"a\"\nversion = { workspace = true }\n";
    let root =
        "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"1.2.3\"\n";
    let between = "[package]\nname = \"between\"\nversion = \"9.0.0\"\n";
    assert_eq!(
        follows(&[("crates/a/Cargo.toml", member), ("Cargo.toml", root)]),
        "Cargo.toml:1.2.3"
    );
    let nested =
        [("crates/a/Cargo.toml", member), ("crates/Cargo.toml", between), ("Cargo.toml", root)];
    assert_eq!(follows(&nested), "Cargo.toml:1.2.3");
    let named = "[package]\nname = \"a\"\nversion.workspace = true\nworkspace = \"../../other\"\n";
    let files = [("crates/a/Cargo.toml", named), ("other/Cargo.toml", root)];
    assert_eq!(follows(&files), "other/Cargo.toml:1.2.3");
    let bare = [("a/Cargo.toml", member), ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n")];
    assert_eq!(
        follows(&bare),
        "`a/Cargo.toml` inherits its version, but no parent workspace defines one"
    );
    let site = read_path("crates/a/Cargo.toml", member, &files_of(root)).unwrap();
    assert_eq!(site.package.as_deref(), Some("a"));
}

fn files_of(root: &'static str) -> Files {
    files(&[("Cargo.toml", root)])
}

#[test]
fn a_file_that_was_not_fetched_is_requested_by_its_path() {
    struct Nothing;
    impl Tree for Nothing {
        fn look(&self, _: &str) -> FileState<'_> {
            FileState::NotFetched
        }
    }
    let error = read_path("a/Cargo.toml", "[package]\nversion.workspace = true\n", &Nothing);
    assert_eq!(error, Err(SiteError::Unread { path: "Cargo.toml".into(), why: None }));
}

#[test]
fn npm_versions_are_read_from_the_top_level_and_the_last_duplicate_key_counts() {
    says_it(
        "package.json",
        &[
            r#"{"name": "w", "version": "1.2.3", "engines": {"node": "20.0.0"}}"#,
            "{\r\n\t\"version\" : \"1.2.3\"\r\n}",
            r#"{"name": "w", "version": "1.0.0", "version": "1.2.3"}"#,
            r#"{"é": 1, "dependencies": {"version": "9.0.0"}, "version": "1.2.3"}"#,
        ],
    );
    refuses(
        "package.json",
        &[
            "{",
            "[]",
            r#"{"version": 3}"#,
            r#"{"private": true}"#,
            r#"{"version": "0.0.0-semantically-released"}"#,
            r#"{"version": "0.0.0-development", "name": "w"}"#,
            r#"{"dependencies": {"version": "1.2.3"}}"#,
        ],
    );
    let private = r#"{"private": true, "version": "1.2.3"}"#;
    assert!(read_path("package.json", private, &SingleFile).unwrap().private);
}

#[test]
fn other_json_versions_are_read_from_the_top_level() {
    says_it("lerna.json", &[r#"{"packages": ["packages/*"], "version": "1.2.3"}"#]);
    says_it("deno.jsonc", &["{ // of the module\n \"version\": \"1.2.3\" }"]);
    says_it(".release-please-manifest.json", &[r#"{".": "1.2.3", "packages/w": "9.0.0"}"#]);
    says_it("vcpkg.json", &[r#"{"name": "w", "version-string": "1.2.3"}"#]);
    refuses("lerna.json", &[r#"{"version": "independent"}"#]);
    refuses("composer.json", &[r#"{"name": "a/w", "require": {"php": "8.2.0"}}"#]);
}

#[test]
fn python_versions_are_read_from_the_standard_or_the_poetry_table() {
    says_it(
        "pyproject.toml",
        &[
            "[project]\nname = \"w\"\nversion = \"1.2.3\"\ndependencies = [\"x==9.0.0\"]\n",
            "[tool.poetry]\nname = \"w\"\nversion = \"1.2.3\"\n[tool.poetry.dependencies]\npython = \"3.11\"\n",
            "[build-system]\nrequires = [\"hatchling\"]\n[project]\nversion = '1.2.3'\n",
            "[tool.poetry]\nversion = \"0.1.0\"\n[project]\nversion = \"1.2.3\"\n",
        ],
    );
    refuses(
        "pyproject.toml",
        &[
            "[project]\nname = \"w\"\ndynamic = [\"version\"]\n",
            "[tool.black]\ntarget-version = [\"py311\"]\n",
            "[project]\nversion = \"0.0.0\"\n",
            "[project]\nversion = 3\n",
        ],
    );
}

#[test]
fn a_dynamic_python_version_is_found_where_the_build_backend_finds_it() {
    let module = "\"\"\"A widget.\"\"\"\n__version__ = \"1.2.3\"\n";
    for (toml, path) in [
        (
            "[project]\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"src/w/__about__.py\"\n",
            "src/w/__about__.py",
        ),
        (
            "[tool.setuptools.dynamic]\nversion = { attr = \"w.__version__\" }\n",
            "src/w/__init__.py",
        ),
        ("[tool.setuptools.dynamic]\nversion = { attr = \"w.info.__version__\" }\n", "w/info.py"),
        (
            "[tool.setuptools]\npackage-dir = { \"\" = \"code\" }\n[tool.setuptools.dynamic]\nversion.attr = \"w.__version__\"\n",
            "code/w/__init__.py",
        ),
        (
            "[build-system]\nbuild-backend = \"flit_core.buildapi\"\n[project]\nname = \"my-w\"\ndynamic = [\"version\"]\n",
            "my_w/__init__.py",
        ),
        ("[tool.pdm.version]\nsource = \"file\"\npath = \"w/version.py\"\n", "w/version.py"),
        (
            "[tool.scikit-build.metadata.version]\nprovider = \"scikit_build_core.metadata.regex\"\ninput = \"w/v.py\"\n",
            "w/v.py",
        ),
    ] {
        assert_eq!(follows(&[("pyproject.toml", toml), (path, module)]), format!("{path}:1.2.3"));
    }
    let file = "[tool.setuptools.dynamic]\nversion = { file = [\"VERSION\"] }\n";
    assert_eq!(follows(&[("pyproject.toml", file), ("VERSION", "1.2.3\n")]), "VERSION:1.2.3");
    let rust = "[build-system]\nbuild-backend = \"maturin\"\n[project]\nname = \"w\"\ndynamic = [\"version\"]\n";
    let cargo = "[package]\nname = \"w\"\nversion = \"1.2.3\"\n";
    assert_eq!(follows(&[("pyproject.toml", rust), ("Cargo.toml", cargo)]), "Cargo.toml:1.2.3");
    let cfg = "[metadata]\nname = w\nversion = attr: w.__version__\n";
    let setuptools = "[build-system]\nrequires = [\"setuptools\"]\n";
    let files = [("pyproject.toml", setuptools), ("setup.cfg", cfg), ("w/__init__.py", module)];
    assert_eq!(follows(&files), "w/__init__.py:1.2.3");
    let other = "[tool.setuptools.dynamic]\nversion = { attr = \"w.about.release\" }\n";
    let about = "name = \"w\"\nrelease = \"1.2.3\"\n";
    assert_eq!(follows(&[("pyproject.toml", other), ("w/about.py", about)]), "w/about.py:1.2.3");
}

#[test]
fn a_python_version_derived_from_the_tag_is_in_no_file() {
    for by in ["setuptools-scm>=8", "hatch-vcs", "setuptools_scm[toml]", "versioningit~=3.0", "pbr"]
    {
        let text: &'static str = Box::leak(
            format!("[build-system]\nrequires = [\"hatchling\", \"{by}\"]\n[project]\ndynamic = [\"version\"]\n")
                .into_boxed_str(),
        );
        let said = follows(&[("pyproject.toml", text)]);
        assert!(said.ends_with("takes it from the tag"), "{said}");
    }
}

#[test]
fn setup_cfg_and_setup_py_versions_are_read_from_literals() {
    says_it(
        "setup.cfg",
        &[
            "[metadata]\nname = w\nversion = 1.2.3\n\n[options]\npython_requires = >=3.9\n",
            "[metadata]\r\nversion=1.2.3\r\n[flake8]\r\nversion = 9.0.0\r\n",
            "[flake8]\nmax = 3\n\n[metadata]\nname: w\nversion: 1.2.3\n",
        ],
    );
    refuses(
        "setup.cfg",
        &[
            "[bumpversion]\nversion = 1.2.3\n",
            "[metadata]\nname = w\n\n[options]\nversion = 1.2.3\n",
            "[metadata]\nversion = attr: w.__version__\n",
        ],
    );
    says_it(
        "setup.py",
        &[
            "from setuptools import setup\nsetup(name=\"w\", version=\"1.2.3\", packages=[\"w\"])\n",
            "setup(\n    name='w',\n    version='1.2.3',\n    install_requires=['x==9.0.0'],\n)\n",
            "VERSION = '1.2.3'\nsetup(name='w', version=VERSION)\n",
        ],
    );
    refuses(
        "setup.py",
        &[
            "from setuptools import setup\nsetup()\n",
            "setup(use_scm_version=True)\n",
            "setup(python_requires='>=3.9', min_version='1.2.3')\n",
        ],
    );
}

#[test]
fn maven_versions_are_read_from_the_project_its_parent_or_a_property() {
    let with = |inner: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">{inner}</project>\n"
        )
    };
    let own = with(
        "<parent><version>9.0.0</version></parent><artifactId>w</artifactId><version>1.2.3</version>\
                    <dependencies><dependency><version>8.0.0</version></dependency></dependencies>",
    );
    let property =
        with("<version>${revision}</version><properties><revision>1.2.3</revision></properties>");
    let two = with(
        "<version>${revision}${changelist}</version><properties><revision>1.2.3</revision></properties>",
    );
    says_it("pom.xml", &[&own, &property]);
    assert_eq!(said("pom.xml", &two).0, "1.2.3");
    let snapshot = with(
        "<version>${revision}${changelist}</version><properties><revision>1.3.0</revision><changelist>-SNAPSHOT</changelist></properties>",
    );
    assert_eq!(said("pom.xml", &snapshot).0, "1.3.0-SNAPSHOT");
    refuses(
        "pom.xml",
        &[
            &with("<version>${revision}</version>"),
            &with("<parent><version>3.2.0</version><relativePath/></parent>"),
            &with("<version>999.9.9-SNAPSHOT</version>"),
            &with("<dependencies><dependency><version>8.0.0</version></dependency></dependencies>"),
            "<project><version>1.2.3</project>",
            "<settings><version>1.2.3</version></settings>",
        ],
    );
    let child =
        "<project><parent><artifactId>p</artifactId><version>1.2.3</version></parent></project>";
    let parent = "<project><version>1.2.3</version></project>";
    assert_eq!(follows(&[("w/pom.xml", child), ("pom.xml", parent)]), "w/pom.xml:1.2.3");
    let child = "<project><parent><version>${revision}</version></parent><artifactId>w</artifactId></project>";
    let parent = "<project><version>${revision}</version><properties><revision>1.2.3</revision></properties></project>";
    assert_eq!(follows(&[("w/pom.xml", child), ("pom.xml", parent)]), "pom.xml:1.2.3");
}

#[test]
fn gradle_versions_are_read_from_properties_or_the_build_script() {
    says_it(
        "gradle.properties",
        &[
            "org.gradle.jvmargs=-Xmx2g\nversion=1.2.3\nkotlin_version=2.0.0\n",
            "GROUP=org.example\nVERSION_NAME=1.2.3\nPOM_URL=x\n",
            "projectVersion = 1.2.3\r\nkotlin.version = 2.0.0\r\n",
        ],
    );
    refuses("gradle.properties", &["org.gradle.caching=true\n", "kotlin=1.2.3\n"]);
    says_it(
        "build.gradle",
        &[
            "plugins {\n    id 'java' version '9.0.0'\n}\ngroup = 'org.example'\nversion = '1.2.3'\n",
            "version '1.2.3'\n",
            "allprojects {\n    group 'x'\n    version '1.2.3'\n}\n",
            "version = '1.2.3'\npublishing {\n    publications {\n        version = '9.0.0'\n    }\n}\n",
        ],
    );
    says_it(
        "build.gradle.kts",
        &[
            "plugins {\n  kotlin(\"jvm\") version \"2.0.0\"\n}\n\nversion = \"1.2.3\"\n",
            "allprojects {\n  group = \"x\"\n  version = \"1.2.3\"\n}\n",
            "val projectVersion = \"1.2.3\"\nversion = projectVersion\n",
        ],
    );
    says_it(
        "app/build.gradle.kts",
        &[
            "android {\n  defaultConfig {\n    versionCode = 7\n    versionName = \"1.2.3\"\n  }\n}\n",
        ],
    );
    refuses(
        "build.gradle",
        &["plugins {\n    id 'java' version '9.0.0'\n}\n", "version = rootProject.version\n"],
    );
}

#[test]
fn dotnet_versions_are_read_from_the_project_or_the_properties_above() {
    says_it(
        "w.csproj",
        &[
            "<Project Sdk=\"Microsoft.NET.Sdk\">\n  <PropertyGroup>\n    <Version>1.2.3</Version>\n  </PropertyGroup>\n  <ItemGroup><PackageReference Include=\"x\"><Version>9.0.0</Version></PackageReference></ItemGroup>\n</Project>",
            "<Project><PropertyGroup><VersionPrefix>1.2.3</VersionPrefix></PropertyGroup></Project>",
            "<Project><PropertyGroup><VersionPrefix>1.2.3</VersionPrefix><VersionSuffix Condition=\"'$(CI)' == ''\">dev</VersionSuffix></PropertyGroup></Project>",
            "<Project><PropertyGroup><AssemblyVersion>1.0.0.0</AssemblyVersion><PackageVersion>1.2.3</PackageVersion></PropertyGroup></Project>",
            "<Project><PropertyGroup><Base>1.2.3</Base></PropertyGroup><PropertyGroup><Version>1.2.3</Version></PropertyGroup></Project>",
        ],
    );
    let expanded = "<Project><PropertyGroup><Base>1.2</Base><Version>$(Base).3</Version></PropertyGroup></Project>";
    assert_eq!(said("Directory.Build.props", expanded).0, "1.2.3");
    let suffix = "<Project><PropertyGroup><VersionPrefix>1.2.3</VersionPrefix><VersionSuffix>rc.1</VersionSuffix></PropertyGroup></Project>";
    assert_eq!(said("Directory.Build.props", suffix).0, "1.2.3-rc.1");
    let project = "<Project><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>";
    let props = "<Project><PropertyGroup><Version>1.2.3</Version></PropertyGroup></Project>";
    let files = [("src/W/W.csproj", project), ("Directory.Build.props", props)];
    assert_eq!(follows(&files), "Directory.Build.props:1.2.3");
    let imports = "<Project><Import Project=\"$(MSBuildThisFileDirectory)Version.props\"/><Import Project=\"$(Other)x.props\"/></Project>";
    let files =
        [("src/W/W.csproj", project), ("Directory.Build.props", imports), ("Version.props", props)];
    assert_eq!(follows(&files), "Version.props:1.2.3");
    // A file that imports itself has no end.
    let circle = "<Project><Import Project=\"Directory.Build.props\"/></Project>";
    let files = [("W.csproj", project), ("Directory.Build.props", circle)];
    assert!(follows(&files).contains("refer to one another"), "{}", follows(&files));
    refuses(
        "w.csproj",
        &[
            project,
            "<Project><PropertyGroup><Version>$(GitVersion)</Version></PropertyGroup></Project>",
            "<Project><PropertyGroup><Version>1.2.3</Version></PropertyGroup><PropertyGroup><Version>1.3.0</Version></PropertyGroup></Project>",
        ],
    );
}
