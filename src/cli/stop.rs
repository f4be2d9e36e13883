//! Handles SIGINT, SIGTERM and SIGHUP. The programs that tminus started end too.

#[cfg(unix)]
use crate::adapters::child::{end_all, end_blocking};
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a [`Stop`] handles the next signal.
#[cfg(unix)]
static IS_HANDLED: AtomicBool = AtomicBool::new(false);

/// Waits for the first signal; a second one ends the process as it would without this.
pub(super) struct Stop {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

/// Handles signals in a separate thread: the programs that tminus started end with it, whatever it
/// is doing. Without a [`Stop`], the process ends as any other program does.
#[cfg(unix)]
pub fn watch_signals() {
    let Ok(mut signals) = signal_hook::iterator::Signals::new(numbers()) else { return };
    std::thread::spawn(move || {
        for number in signals.forever() {
            if IS_HANDLED.swap(false, Ordering::SeqCst) {
                end_blocking();
                continue;
            }
            end_all();
            let _cannot_fail = signal_hook::low_level::emulate_default_handler(number);
        }
    });
}

/// Does nothing on this platform.
#[cfg(not(unix))]
pub fn watch_signals() {}

/// The signals that request a stop, except those that the parent process turned off (`nohup`).
#[cfg(unix)]
fn numbers() -> Vec<i32> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|text| {
        let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    let heard = |number: &i32| match ignored {
        Some(ignored) => ignored >> (number - 1) & 1 == 0,
        // Other systems do not report this; with `nohup`, standard input is not a terminal.
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
        IS_HANDLED.store(true, Ordering::SeqCst);
        Ok(Self { signals })
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Waits until a signal requests a stop.
    #[cfg(unix)]
    pub(super) async fn requested(&mut self) {
        std::future::poll_fn(|context| {
            let requested =
                self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if requested { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }

    #[cfg(not(unix))]
    pub(super) async fn requested(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
