//! The signature of a ledger entry, according to git.

/// The signature of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntrySignature {
    /// It has none.
    Unsigned,
    /// It is valid.
    Good {
        /// The owner of the key.
        by: String,
    },
    /// It is not valid.
    Bad {
        /// The reason.
        why: String,
    },
    /// It was made with a key that the allowed signers do not contain. The forge may know whose it is.
    Foreign {
        /// Why it proves nothing by itself.
        why: String,
    },
    /// It could not be checked.
    Unchecked {
        /// The reason.
        why: String,
    },
}

/// What the storage of a ledger shows in addition to its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerProof {
    /// The signature of each entry; empty if the storage has no signatures.
    pub signatures: Vec<EntrySignature>,
    /// Whether the ledger existed before and was deleted.
    pub gone: bool,
}
