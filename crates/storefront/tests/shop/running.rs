//! A shop that runs for one test.

use std::{fs, net::SocketAddr, path::Path};
use storefront::{Bound, Storefront, StorefrontOptions, releases};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

pub struct Running {
    pub at: SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub done: JoinHandle<()>,
}

pub fn unpack(version: &str, dir: &Path) {
    let (_, files) = releases().into_iter().find(|(name, _)| *name == version).unwrap();
    for (path, bytes) in files {
        fs::write(dir.join(path), bytes).unwrap();
    }
}

pub fn options(release: &TempDir, data: &TempDir) -> StorefrontOptions {
    let listen = "127.0.0.1:0".parse().unwrap();
    StorefrontOptions { release_dir: release.path().into(), data_dir: data.path().into(), listen, generation: Some(7) }
}

pub async fn start(release: &TempDir, data: &TempDir) -> Running {
    bound(release, data, &Bound::default()).await
}

pub async fn bound(release: &TempDir, data: &TempDir, to: &Bound) -> Running {
    let shop = Storefront::bind(&options(release, data), to).await.unwrap();
    let at = shop.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let done = tokio::spawn(async move { shop.serve(async { drop(stopped.await) }).await });
    Running { at, stop, done }
}

impl Running {
    async fn send(&self, head: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let host = if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.at) };
        let request = format!(
            "{head} HTTP/1.1\r\n{host}{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub async fn get(&self, path: &str, headers: &str) -> String {
        self.send(&format!("GET {path}"), headers, "").await
    }

    pub async fn form(&self, path: &str, headers: &str, body: &str) -> String {
        self.send(
            &format!("POST {path}"),
            &format!("Content-Type: application/x-www-form-urlencoded\r\n{headers}"),
            body,
        )
        .await
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.done.await.unwrap();
    }
}
