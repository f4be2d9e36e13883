//! Build systems of native programs.

use super::*;

#[test]
fn cmake_versions_are_read_from_the_project_or_from_variables() {
    says_it(
        "CMakeLists.txt",
        &[
            "cmake_minimum_required(VERSION 3.20)\nproject(w VERSION 1.2.3 LANGUAGES C)\n",
            "cmake_minimum_required(VERSION 3.20.0)\nproject(\n  w\n  VERSION 1.2.3\n  DESCRIPTION \"a widget\"\n)\n",
            "PROJECT(w VERSION \"1.2.3\")\n",
            "set(W_VERSION 1.2.3)\nproject(w VERSION ${W_VERSION})\n",
            "project(w C)\nset(PROJECT_VERSION \"1.2.3\")\n",
        ],
    );
    let parts =
        "set(W_VERSION_MAJOR 1)\nset(W_VERSION_MINOR 2)\nset(W_VERSION_PATCH 3)\nproject(w)\n";
    assert_eq!(said("CMakeLists.txt", parts).0, "1.2.3");
    let used = "set(W_MAJOR_VERSION 1)\nset(W_MINOR_VERSION 2)\nset(W_PATCH_VERSION 3)\nproject(w VERSION ${W_FULL})\n";
    assert_eq!(said("CMakeLists.txt", used).0, "1.2.3");
    refuses(
        "CMakeLists.txt",
        &[
            "cmake_minimum_required(VERSION 3.20.0)\nproject(w C)\n",
            "# project(w VERSION 1.2.3)\nproject(w)\n",
            "find_package(x 1.2.3)\n",
            "project(w VERSION ${FROM_GIT})\n",
        ],
    );
}

#[test]
fn autoconf_and_meson_versions_are_read_from_their_first_call() {
    says_it(
        "configure.ac",
        &[
            "AC_PREREQ([2.69])\nAC_INIT([w], [1.2.3], [bugs@example.org])\n",
            "AC_INIT(w, 1.2.3)\n",
            "m4_define([w_version], [1.2.3])\nAC_INIT([w],[w_version],[x@example.org])\n",
        ],
    );
    let parts = "m4_define([w_major], [1])\nm4_define([w_minor], [2])\nm4_define([w_micro], [3])\nAC_INIT([w], [w_version_all])\n";
    assert_eq!(said("configure.ac", parts).0, "1.2.3");
    refuses(
        "configure.ac",
        &[
            "AC_INIT([w], [m4_esyscmd_s([git describe])])\n",
            "AC_PREREQ([2.69])\n",
            "dnl AC_INIT([w], [1.2.3])\n",
        ],
    );
    says_it(
        "meson.build",
        &[
            "project('w', 'c',\n  version : '1.2.3',\n  meson_version : '>= 1.0.0')\n",
            "project('w', 'c', version: '1.2.3')\ndependency('x', version: '>= 9.0.0')\n",
        ],
    );
    let file = "project('w', 'c', version: files('VERSION'))\n";
    assert_eq!(follows(&[("meson.build", file), ("VERSION", "1.2.3\n")]), "VERSION:1.2.3");
    refuses("meson.build", &["dependency('x', version: '>= 9.0.0')\n"]);
}
