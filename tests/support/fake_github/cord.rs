//! Connections that can be cut from within.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What cuts one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cord(Arc<AtomicBool>);

impl Cord {
    /// Nothing more will be written.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn whole(&self) -> Result<()> {
        let cut = self.0.load(Ordering::SeqCst);
        if cut { Err(Error::from(ErrorKind::ConnectionReset)) } else { Ok(()) }
    }
}

/// A listener whose connections hang on cords.
#[derive(Debug)]
pub(crate) struct Corded(pub(crate) TcpListener);

impl Listener for Corded {
    type Io = Line;
    type Addr = Cord;

    async fn accept(&mut self) -> (Line, Cord) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        let cord = Cord::default();
        (Line { stream, cord: cord.clone() }, cord)
    }

    fn local_addr(&self) -> Result<Cord> {
        Ok(Cord::default())
    }
}

impl Connected<IncomingStream<'_, Corded>> for Cord {
    fn connect_info(stream: IncomingStream<'_, Corded>) -> Self {
        stream.remote_addr().clone()
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    cord: Cord,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        if let Err(error) = self.cord.whole() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
