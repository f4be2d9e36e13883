//! Versions in source code.

use super::*;

#[test]
fn a_python_module_has_its_version_as_a_literal() {
    for path in ["src/w/__init__.py", "w/_version.py", "w/__about__.py", "version.py"] {
        says_it(
            path,
            &[
                "__version__ = \"1.2.3\"\n",
                "import sys\r\n\r\n__version__ = '1.2.3'  # keep\r\n",
                "__version__: str = \"1.2.3\"\n",
                "__version__: Final[str] = '1.2.3'\n",
                "__version__ = version = '1.2.3'\n",
                "__title__ = \"w\"\n__version__ = u\"1.2.3\"\n__author__ = \"x\"\n",
                "VERSION = \"1.2.3\"\n",
            ],
        );
    }
    assert_eq!(said("w/__init__.py", "VERSION = (1, 2, 3)\n").0, "1.2.3");
    assert_eq!(said("w/__init__.py", "VERSION = (1, 2, 3, \"final\", 0)\n").0, "1.2.3");
    refuses(
        "w/__init__.py",
        &[
            "from importlib.metadata import version\n__version__ = version(\"w\")\n",
            "def f():\n    __version__ = \"1.2.3\"\n",
            "# __version__ = \"1.2.3\"\n",
            "from ._version import __version__\n",
            "__version__ = \"0.0.0\"\n",
            "__version__ = \"unknown\"\n",
            "MIN_VERSION = \"1.2.3\"\n",
            "__version__ = \"1.2.3\"\n__version__ = \"1.3.0\"\n",
        ],
    );
}

#[test]
fn ruby_versions_are_read_from_a_constant_to_which_a_gemspec_refers() {
    says_it(
        "lib/w/version.rb",
        &[
            "# frozen_string_literal: true\n\nmodule W\n  VERSION = \"1.2.3\"\nend\n",
            "class W\n  VERSION = '1.2.3'.freeze\nend\n",
            "module W\n  module Version\n    STRING = '1.2.3'\n  end\nend\n",
            "W::VERSION = \"1.2.3\"\n",
            "module W\n  W_VERSION = VERSION = \"1.2.3\".freeze\nend\n",
            "module W\n  VERSION = W_VERSION = '1.2.3'\nend\n",
            "module W\n  def self.gem_version\n    Gem::Version.new \"1.2.3\"\n  end\nend\n",
        ],
    );
    let parts = "module W\n  MAJOR = 1\n  MINOR = 2\n  TINY = 3\n  PRE = nil\n  STRING = [MAJOR, MINOR, TINY, PRE].compact.join(\".\")\nend\n";
    assert_eq!(said("lib/w/version.rb", parts).0, "1.2.3");
    refuses(
        "lib/w/version.rb",
        &["module W\nend\n", "RUBY = '1.2.3'\n", "VERSION = File.read('V')\n"],
    );
    says_it(
        "w.gemspec",
        &[
            "Gem::Specification.new do |spec|\n  spec.name = \"w\"\n  spec.version = \"1.2.3\"\n  spec.required_ruby_version = \">= 3.1.0\"\nend\n",
            "Gem::Specification.new do |s|\n  s.version     = '1.2.3'\nend\n",
        ],
    );
    let gem = "require_relative \"lib/w/version\"\nGem::Specification.new do |spec|\n  spec.name = \"w\"\n  spec.version = W::VERSION\nend\n";
    let version = "module W\n  VERSION = \"1.2.3\"\nend\n";
    assert_eq!(
        follows(&[("w.gemspec", gem), ("lib/w/version.rb", version)]),
        "lib/w/version.rb:1.2.3"
    );
    let old = "$:.push File.expand_path(\"../lib\", __FILE__)\nrequire \"w/version\"\nGem::Specification.new { |s| s.version = W::VERSION }\n";
    assert_eq!(
        follows(&[("w.gemspec", old), ("lib/w/version.rb", version)]),
        "lib/w/version.rb:1.2.3"
    );
    refuses(
        "w.gemspec",
        &["Gem::Specification.new do |spec|\n  spec.add_dependency \"x\", \"1.2.3\"\nend\n"],
    );
}

#[test]
fn elixir_versions_are_read_from_mix_exs() {
    says_it(
        "mix.exs",
        &[
            "defmodule W.MixProject do\n  use Mix.Project\n\n  @version \"1.2.3\"\n\n  def project do\n    [app: :w, version: @version]\n  end\nend\n",
            "def project do\n  [\n    app: :w,\n    version: \"1.2.3\",\n    elixir: \"~> 1.15\"\n  ]\nend\n",
        ],
    );
    let file = "def project, do: [app: :w, version: File.read!(\"VERSION\") |> String.trim()]\n";
    assert_eq!(follows(&[("mix.exs", file), ("VERSION", "1.2.3\n")]), "VERSION:1.2.3");
    refuses("mix.exs", &["defp deps do\n  [{:x, \"~> 1.2.3\"}]\nend\n"]);
}

#[test]
fn php_versions_are_read_from_a_constant_or_a_plugin_header() {
    says_it(
        "src/App.php",
        &[
            "<?php\nclass App\n{\n    const VERSION = '1.2.3';\n}\n",
            "<?php\nfinal class App {\n    public const VERSION = \"1.2.3\";\n    public const VERSION_ID = 10203;\n}\n",
            "<?php\n    final public const string VERSION = '1.2.3';\n",
            "<?php\ndefine( 'W_VERSION', '1.2.3' );\n",
            "<?php\n/**\n * Plugin Name: W\n * Version: 1.2.3\n * Requires PHP: 7.4\n */\n",
        ],
    );
    refuses(
        "src/App.php",
        &[
            "<?php\nconst VERSION = '@package_version@';\n",
            "<?php\nconst API_VERSION = '1.2.3';\n",
            "<?php\nconst VERSION = self::MAJOR;\n",
        ],
    );
}

#[test]
fn go_versions_are_read_from_a_constant_or_from_parts() {
    says_it(
        "version.go",
        &[
            "package w\n\nconst Version = \"1.2.3\"\n",
            "package w\n\nvar Version string = \"v1.2.3\"\n",
            "package w\n\nconst (\n\tName = \"w\"\n\tVersion = `1.2.3`\n\tMinVersion = \"9.0.0\"\n)\n",
            "package w\n\nconst ClientVersion = \"1.2.3\"\n",
        ],
    );
    let parts = "package version\n\nconst (\n\tMajor = 1 // Major version\n\tMinor = 2\n\tPatch = 3\n\tMeta  = \"stable\"\n)\n";
    assert_eq!(said("version/version.go", parts).0, "1.2.3");
    let fields = "package common\n\nvar Current = Version{\n\tMajor:      1,\n\tMinor:      2,\n\tPatchLevel: 3,\n\tSuffix:     \"\",\n}\n";
    assert_eq!(said("common/app/version_current.go", fields).0, "1.2.3");
    let suffix = fields.replace("\"\"", "\"-DEV\"");
    assert_eq!(said("common/app/version_current.go", &suffix).0, "1.2.3-DEV");
    let pre = "var Version = \"1.3.0\"\nvar VersionPrerelease = \"dev\"\n";
    assert_eq!(said("version/version.go", pre).0, "1.3.0-dev");
    assert_eq!(
        said("version/version.go", "const Version = \"1.2.3\"\nvar VersionPrerelease = \"\"\n").0,
        "1.2.3"
    );
    refuses(
        "version.go",
        &[
            "package w\n\nvar Version = \"dev\"\n",
            "package w\n\nvar version string\n",
            "package w\n\nconst (\n\tAPIVersion = \"1.2.3\"\n\tSchemaVersion = \"2.0.0\"\n)\n",
        ],
    );
}

#[test]
fn c_versions_are_read_from_one_definition_or_from_parts() {
    says_it(
        "include/w/version.h",
        &[
            "#define W_VERSION \"1.2.3\"\n#define W_API_VERSION 7\n",
            "#ifndef W\n#  define W_VERSION_STRING \"1.2.3\"\r\n#endif\n",
            "#define W_VER_STR (\"1.2.3\")\n",
            "constexpr const char* version = \"1.2.3\";\n",
        ],
    );
    for text in [
        "#define W_VERSION_MAJOR 1\n#define W_VERSION_MINOR 2\n#define W_VERSION_PATCH 3\n",
        "#define W_MAJOR_VERSION 1\n#define W_MINOR_VERSION 2\n#define W_PATCH_VERSION 3\n",
        "#define W_VERSION_MAJOR    1\n#define W_VERSION_MINOR    2\n#define W_VERSION_RELEASE  3\n#define W_VERSION_NUMBER (W_VERSION_MAJOR*100)\n",
    ] {
        assert_eq!(said("w.h", text).0, "1.2.3");
    }
    for (text, number) in [
        ("#define W_VERSION 10203\n#define W_API_VERSION 7\n", "10203"),
        ("#define W_VERSION_NUM (10203L) // 1.2.3\n", "10203"),
        ("#define w_version  1002003\r\n", "1002003"),
    ] {
        assert_eq!(said("w.h", text), ("1.2.3".into(), number.into()));
    }
    assert_eq!(said("w.h", "#define W_VERSION 120300\n").0, "12.3.0");
    assert_eq!(said("ver.h", "#define LIBW_VERSION \"1.3.0-DEV\"\n").0, "1.3.0-DEV");
    refuses(
        "w.h",
        &[
            "#define W_VERSION 1023\n",
            "#define W_VERSION 10203\n#define W_ABI_VERSION 20000\n",
            "#define W_VERSION \"255.255.255\"\n",
            "#define W_VERSION_MAJOR 1\n#define W_VERSION_MINOR 2\n",
            "// #define W_VERSION \"1.2.3\"\n",
            "#define W_VERSION \"1.2.3\"\n#define OTHER_VERSION \"2.0.0\"\n",
        ],
    );
}

#[test]
fn swift_and_javascript_versions_are_read_from_constants() {
    says_it(
        "Sources/W/Version.swift",
        &[
            "public let version = \"1.2.3\"\n",
            "enum W {\n    public static let version: String = \"1.2.3\"\n}\n",
        ],
    );
    says_it("Config/Base.xcconfig", &["MARKETING_VERSION = 1.2.3\nCURRENT_PROJECT_VERSION = 7\n"]);
    says_it(
        "w.xcodeproj/project.pbxproj",
        &["  MARKETING_VERSION = 1.2.3;\n  MARKETING_VERSION = 1.2.3;\n"],
    );
    refuses("Sources/W/W.swift", &["let minimum = \"1.2.3\"\n", "// let version = \"1.2.3\"\n"]);
    says_it(
        "src/version.ts",
        &[
            "export const VERSION = '1.2.3';\n",
            "export const version: string = \"1.2.3\"\n",
            "export default '1.2.3';\n",
        ],
    );
    refuses(
        "src/version.ts",
        &[
            "export const version = '0.0.0-PLACEHOLDER';\n",
            "export { version } from '../package.json';\n",
        ],
    );
}
