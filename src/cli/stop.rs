//! Handles SIGINT, SIGTERM and SIGHUP. No started program outlives them.

#[cfg(unix)]
use crate::adapters::child::{end_all, end_blocking};
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody waits for the next request with a [`Stop`].
#[cfg(unix)]
static HEARD: AtomicBool = AtomicBool::new(false);

/// Hears the first request to stop; a second one ends the process as it would without us.
pub(super) struct Stop {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

/// Watches for requests to stop, from a thread of its own: whatever this process is at, the programs
/// that it started end with it. Without a [`Stop`] the process ends as any program does.
#[cfg(unix)]
pub fn watch_signals() {
    let Ok(mut signals) = signal_hook::iterator::Signals::new(numbers()) else { return };
    std::thread::spawn(move || {
        for number in signals.forever() {
            if HEARD.swap(false, Ordering::SeqCst) {
                end_blocking();
                continue;
            }
            end_all();
            let _cannot_fail = signal_hook::low_level::emulate_default_handler(number);
        }
    });
}

/// Watches for requests to stop.
#[cfg(not(unix))]
pub fn watch_signals() {}

/// The signals that ask to stop, except those that whoever started us has switched off (`nohup`).
#[cfg(unix)]
fn numbers() -> Vec<i32> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|text| {
        let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    let heard = |number: &i32| match ignored {
        Some(ignored) => ignored >> (number - 1) & 1 == 0,
        // Elsewhere nobody tells; `nohup` takes the terminal away from standard input.
        None => *number != SIGHUP || std::io::IsTerminal::is_terminal(&std::io::stdin()),
    };
    [SIGINT, SIGTERM, SIGHUP].into_iter().filter(heard).collect()
}

impl Stop {
    #[cfg(unix)]
    pub(super) fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = numbers().into_iter().map(|number| signal(SignalKind::from_raw(number)));
        let signals = signals.collect::<std::io::Result<_>>()?;
        HEARD.store(true, Ordering::SeqCst);
        Ok(Self { signals })
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Waits until somebody asks.
    #[cfg(unix)]
    pub(super) async fn asked(&mut self) {
        std::future::poll_fn(|context| {
            let asked = self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if asked { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }

    #[cfg(not(unix))]
    pub(super) async fn asked(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
