//! Faults that the simulator can inject, and the schedule that injects them.

use super::effect::EffectKind;
use std::fmt;

/// One thing that goes wrong at one effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The process dies before the request leaves.
    CrashBefore,
    /// The process dies once the effect is there.
    CrashAfter,
    /// The request is lost: nothing happens, nothing answers.
    Lost,
    /// It takes effect and nothing answers.
    AnswerLost,
    /// A clear refusal.
    Refused,
    /// Too many requests; a minute's wait.
    Limited,
    /// The right to write is lost, from now until faults stop.
    Denied,
    /// The listing of releases, and the release of a tag, lag behind for some reads.
    StaleReads,
    /// The upload breaks off and leaves an asset that blocks its name.
    BrokenUpload,
    /// Somebody creates the tag on another commit.
    ForeignTag,
    /// Somebody makes a lightweight tag on the right commit.
    ForeignTagSame,
    /// Somebody moves the tags that the release is to move.
    ForeignMove,
    /// Somebody publishes the draft by hand.
    ForeignPublish,
    /// A second draft of the tag that bears our marker.
    ForeignDraftMarked,
    /// A second draft of the tag that does not.
    ForeignDraft,
    /// Somebody deploys to an environment by hand.
    ForeignDeployment,
    /// A higher version enters an environment.
    ForeignEntry,
    /// The clock jumps an hour forward.
    ClockForward,
    /// The clock jumps an hour back.
    ClockBack,
    /// A newer run of a required check failed.
    CheckTurnsRed,
    /// A newer run of a required check is going on.
    CheckRestarts,
    /// The user's own system answers that it is not healthy.
    Unhealthy,
    /// The command fails and has done nothing.
    RunFailsBefore,
    /// The command fails and has done its work all the same.
    RunFailsAfter,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Lost,
        Self::AnswerLost,
        Self::Refused,
        Self::Limited,
        Self::Denied,
        Self::StaleReads,
        Self::BrokenUpload,
        Self::ForeignTag,
        Self::ForeignTagSame,
        Self::ForeignMove,
        Self::ForeignPublish,
        Self::ForeignDraftMarked,
        Self::ForeignDraft,
        Self::ForeignDeployment,
        Self::ForeignEntry,
        Self::ClockForward,
        Self::ClockBack,
        Self::CheckTurnsRed,
        Self::CheckRestarts,
        Self::Unhealthy,
        Self::RunFailsBefore,
        Self::RunFailsAfter,
    ];

    /// Whether it can happen at such an effect.
    #[must_use]
    pub fn fits(self, kind: EffectKind) -> bool {
        match self {
            Self::BrokenUpload => kind == EffectKind::Upload,
            Self::Unhealthy => kind == EffectKind::Http,
            Self::RunFailsBefore | Self::RunFailsAfter => kind == EffectKind::Run,
            // The user's own commands know neither refusals nor limits of ours.
            Self::Refused | Self::Limited => {
                !matches!(kind, EffectKind::Run | EffectKind::Probe | EffectKind::Http)
            }
            Self::CrashBefore
            | Self::CrashAfter
            | Self::Lost
            | Self::AnswerLost
            | Self::Denied
            | Self::StaleReads
            | Self::ForeignTag
            | Self::ForeignTagSame
            | Self::ForeignMove
            | Self::ForeignPublish
            | Self::ForeignDraftMarked
            | Self::ForeignDraft
            | Self::ForeignDeployment
            | Self::ForeignEntry
            | Self::ClockForward
            | Self::ClockBack
            | Self::CheckTurnsRed
            | Self::CheckRestarts => true,
        }
    }

    /// Whether it can cause a conflict that only a person or CI can resolve; completion is not
    /// guaranteed after it.
    #[must_use]
    pub fn conflicts(self) -> bool {
        match self {
            Self::ForeignTag
            | Self::ForeignPublish
            | Self::ForeignDraft
            | Self::ForeignEntry
            | Self::CheckTurnsRed
            | Self::CheckRestarts => true,
            Self::CrashBefore
            | Self::CrashAfter
            | Self::Lost
            | Self::AnswerLost
            | Self::Refused
            | Self::Limited
            | Self::Denied
            | Self::StaleReads
            | Self::BrokenUpload
            | Self::ForeignTagSame
            | Self::ForeignMove
            | Self::ForeignDraftMarked
            | Self::ForeignDeployment
            | Self::ClockForward
            | Self::ClockBack
            | Self::Unhealthy
            | Self::RunFailsBefore
            | Self::RunFailsAfter => false,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::CrashBefore => "crash-before",
            Self::CrashAfter => "crash-after",
            Self::Lost => "lost",
            Self::AnswerLost => "answer-lost",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::Denied => "denied",
            Self::StaleReads => "stale-reads",
            Self::BrokenUpload => "broken-upload",
            Self::ForeignTag => "foreign-tag",
            Self::ForeignTagSame => "foreign-tag-same",
            Self::ForeignMove => "foreign-move",
            Self::ForeignPublish => "foreign-publish",
            Self::ForeignDraftMarked => "foreign-draft-marked",
            Self::ForeignDraft => "foreign-draft",
            Self::ForeignDeployment => "foreign-deployment",
            Self::ForeignEntry => "foreign-entry",
            Self::ClockForward => "clock-forward",
            Self::ClockBack => "clock-back",
            Self::CheckTurnsRed => "check-turns-red",
            Self::CheckRestarts => "check-restarts",
            Self::Unhealthy => "unhealthy",
            Self::RunFailsBefore => "run-fails-before",
            Self::RunFailsAfter => "run-fails-after",
        })
    }
}

/// When things go wrong.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    listed: Vec<(usize, FaultKind)>,
    drawn: Option<Drawn>,
}

#[derive(Debug, Clone)]
struct Drawn {
    random: u64,
    one_in: u64,
    kinds: Vec<FaultKind>,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These, each at the effect with that number; effects are counted from 1.
    #[must_use]
    pub fn at(listed: Vec<(usize, FaultKind)>) -> Self {
        Self { listed, drawn: None }
    }

    /// At one effect in `one_in`, one of `kinds`, all from a seed.
    #[must_use]
    pub fn seeded(seed: u64, one_in: u64, kinds: &[FaultKind]) -> Self {
        let drawn = Drawn { random: seed, one_in: one_in.max(1), kinds: kinds.to_vec() };
        Self { listed: Vec::new(), drawn: Some(drawn) }
    }

    /// What goes wrong at this effect.
    pub(super) fn draw(&mut self, n: usize, kind: EffectKind) -> Option<FaultKind> {
        let listed = self.listed.iter().find(|(at, _)| *at == n).map(|(_, fault)| *fault);
        let fault = listed.or_else(|| self.drawn.as_mut().and_then(Drawn::draw));
        fault.filter(|fault| fault.fits(kind))
    }
}

impl Drawn {
    fn draw(&mut self) -> Option<FaultKind> {
        let strikes = self.next().is_multiple_of(self.one_in);
        let choice = self.next();
        let length = u64::try_from(self.kinds.len()).ok()?;
        let place = usize::try_from(choice.checked_rem(length)?).ok()?;
        self.kinds.get(place).copied().filter(|_| strikes)
    }

    /// splitmix64, by Sebastiano Vigna, public domain (<https://prng.di.unimi.it/splitmix64.c>).
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
