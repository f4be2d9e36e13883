//! What git says of the signature of a ledger entry.

/// The signature of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntrySignature {
    /// It has none.
    Unsigned,
    /// It is good.
    Good {
        /// Whose key made it.
        by: String,
    },
    /// It is not.
    Bad {
        /// Why.
        why: String,
    },
    /// It could not be checked.
    Unchecked {
        /// Why.
        why: String,
    },
}

/// What the place of a ledger shows besides its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerProof {
    /// Of each entry; empty if the place has no signatures.
    pub signatures: Vec<EntrySignature>,
    /// Whether the ledger is gone although it was there.
    pub gone: bool,
}
