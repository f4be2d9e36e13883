//! Which files GitHub accepts as assets.

use crate::ports::AssetLimits;

/// Files smaller than 2 GiB; `named` gives the name that GitHub would use.
pub const ASSETS: AssetLimits = AssetLimits { too_large: 2 << 30, named };

/// The name on the release. GitHub silently replaces characters that it does not accept by dots.
fn named(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-+".contains(letter);
    let (mut shown, mut made) = (String::new(), false);
    for letter in name.chars() {
        match plain(letter) {
            // A dot after a replaced character is dropped: `a (1).zip` becomes `a.1.zip`.
            true if made && letter == '.' => {}
            true => {
                shown.push(letter);
                made = false;
            }
            false => {
                if !shown.ends_with('.') {
                    shown.push('.');
                }
                made = true;
            }
        }
    }
    match shown.trim_matches('.') {
        "" => "default".into(),
        shown => shown.into(),
    }
}
