//! Values taken out of nodes whose form was checked before.

use super::model::Pattern;
use super::node::Node;
use crate::base::source::Spanned;

/// The text under a key of a section that may not be there.
pub(super) fn word<'n>(section: Option<&'n Node>, key: &str) -> Option<&'n str> {
    section?.get(key)?.text()
}

/// The globs of a list.
pub(super) fn patterns(list: &Node) -> Option<Vec<Spanned<Pattern>>> {
    let pattern = |item: &Node| Some(Spanned::new(Pattern::new(item.text()?).ok()?, item.span));
    list.items().iter().map(pattern).collect()
}
