//! The `tminus` binary: arguments in, exit code out.

use clap::Parser as _;
use std::process::ExitCode;
use tminus::cli::{Args, Environment, run};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let args = Args::parse();
    let level = match args.common.verbose {
        0 => "off",
        1 => "tminus=info",
        _ => "tminus=debug,reqwest=debug",
    };
    if args.common.verbose > 0 {
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(level))
            .with_writer(std::io::stderr)
            .init();
    }
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let environment = Environment::of_process();
            ExitCode::from(runtime.block_on(run(&args, &environment)).code())
        }
        Err(_) => ExitCode::from(tminus::cli::Exit::Unknown.code()),
    }
}
