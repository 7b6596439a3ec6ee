//! Keeps one child as it is wanted: running, or stopped.

use crate::backoff::Backoff;
use crate::exit::{EX_CONFIG, LastExit, words};
use crate::log::Log;
use crate::status::{ServiceStatus, State, now};
use crate::{LOG_FILE, SUPERVISED, ServiceSpec, Timing, probe};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot, watch};

/// What a request asks of a keeper; each is answered by dropping the sender once it is so.
#[derive(Debug)]
pub(crate) enum Order {
    Stop(oneshot::Sender<()>),
    Start(oneshot::Sender<()>),
}

/// The keeper's side of everything it shares.
pub(crate) struct Keeper {
    pub(crate) exe: PathBuf,
    pub(crate) dir: PathBuf,
    pub(crate) spec: ServiceSpec,
    pub(crate) timing: Timing,
    pub(crate) status: watch::Sender<ServiceStatus>,
    pub(crate) orders: mpsc::Receiver<Order>,
    /// Becomes true once, when everything is to stop.
    pub(crate) ending: watch::Receiver<bool>,
    /// Told the cause when the child refuses to start.
    pub(crate) refusals: mpsc::Sender<(String, Vec<String>)>,
}

/// What a keeper does next.
enum Next {
    /// Start it; the answer to whoever asked is given once that is tried.
    Run(Option<oneshot::Sender<()>>),
    Wait(Duration),
    /// Stay without a process until started.
    Rest,
    End,
}

/// What happens to a running child.
enum Event {
    Ending,
    Order(Order),
    Exit(io::Result<ExitStatus>),
    Probed(bool),
}

/// A running child; dropping the pipe asks it to end.
struct Running {
    child: Child,
    pipe: ChildStdin,
    log: Log,
    began: Instant,
}

impl Keeper {
    pub(crate) async fn keep(mut self) {
        let mut backoff = Backoff::new(self.timing);
        let mut next = Next::Run(None);
        loop {
            next = match next {
                Next::Run(asked) => {
                    if asked.is_some() {
                        backoff = Backoff::new(self.timing);
                    }
                    let spawned = self.spawn();
                    drop(asked);
                    match spawned {
                        Ok(running) => self.attend(running, &mut backoff).await,
                        Err(cause) => self.not_started(&cause, &mut backoff).await,
                    }
                }
                Next::Wait(wait) => self.pause(Some(wait)).await,
                Next::Rest => self.pause(None).await,
                Next::End => break,
            };
        }
    }

    fn spawn(&mut self) -> io::Result<Running> {
        let (log, file) = Log::open(&self.dir, &self.spec.name)?;
        let mut child = Command::new(&self.exe)
            .args(&self.spec.args)
            .env(SUPERVISED, "1")
            .env(LOG_FILE, log.path())
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            // Its own group: Ctrl-C at the terminal reaches the supervisor alone, which ends all in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        // Taken out, for `Child::wait` closes a pipe it still holds.
        let pipe = child.stdin.take().ok_or_else(|| io::Error::other("the child has no pipe"))?;
        let pid = child.id();
        self.status.send_modify(|status| status.enter(State::Running, pid));
        tracing::info!(service = self.spec.name, pid, "supervisor: a service is started");
        Ok(Running { child, pipe, log, began: Instant::now() })
    }

    /// Watches over a running child until it ends or is asked to.
    async fn attend(&mut self, mut running: Running, backoff: &mut Backoff) -> Next {
        loop {
            match self.event(&mut running.child).await {
                Event::Ending => {
                    self.end(running).await;
                    self.status.send_modify(|status| status.enter(State::Stopped, None));
                    return Next::End;
                }
                // A child that runs is started already.
                Event::Order(Order::Start(answer)) => drop(answer),
                Event::Order(Order::Stop(answer)) => {
                    self.end(running).await;
                    self.stopped(answer);
                    return Next::Rest;
                }
                Event::Exit(Ok(status)) => return self.died(&running, words(status), status.code(), backoff).await,
                Event::Exit(Err(cause)) => return self.died(&running, cause.to_string(), None, backoff).await,
                Event::Probed(ready) => {
                    self.status.send_if_modified(|status| std::mem::replace(&mut status.ready, ready) != ready);
                }
            }
        }
    }

    async fn event(&mut self, child: &mut Child) -> Event {
        let pause = if self.status.borrow().ready { self.timing.probe_ready } else { self.timing.probe_starting };
        let at = self.spec.probe;
        let probe = async {
            tokio::time::sleep(pause).await;
            probe::ready(at).await
        };
        tokio::select! {
            biased;
            _ = self.ending.wait_for(|ending| *ending) => Event::Ending,
            order = self.orders.recv() => order.map_or(Event::Ending, Event::Order),
            exit = child.wait() => Event::Exit(exit),
            ready = probe => Event::Probed(ready),
        }
    }

    /// Closes the pipe, waits, and kills the whole group of a child that does not end.
    async fn end(&self, running: Running) {
        let Running { mut child, pipe, log, .. } = running;
        drop(pipe);
        let grace = tokio::time::timeout(self.timing.stop_grace, child.wait());
        let exit = if let Ok(exit) = grace.await {
            exit
        } else {
            tracing::warn!(service = self.spec.name, "supervisor: a service did not end in time and is killed");
            // The child is not reaped yet, so its id still names its own group.
            let group = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
            if let Some(Err(cause)) = group.map(|group| kill_process_group(group, Signal::KILL)) {
                tracing::error!(service = self.spec.name, %cause, "supervisor: a service cannot be killed");
            }
            child.wait().await
        };
        let how = exit.map_or_else(|cause| cause.to_string(), words);
        tracing::info!(service = self.spec.name, how, "supervisor: a service has ended");
        let last = LastExit { how, at: now(), last_lines: log.last_lines() };
        self.status.send_modify(|status| status.last_exit = Some(last));
    }

    async fn died(&self, running: &Running, how: String, code: Option<i32>, backoff: &mut Backoff) -> Next {
        let last_lines = running.log.last_lines();
        let (ran, was_ready) = (running.began.elapsed(), self.status.borrow().ready);
        self.give_up_or_wait(
            LastExit { how, at: now(), last_lines },
            code == Some(EX_CONFIG),
            backoff.after(ran, was_ready),
        )
        .await
    }

    async fn not_started(&self, cause: &io::Error, backoff: &mut Backoff) -> Next {
        let how = format!("cannot start {}: {cause}", self.exe.display());
        let last = LastExit { last_lines: vec![how.clone()], how, at: now() };
        // What is missing at the first start will not appear by itself.
        let refused = self.status.borrow().last_exit.is_none();
        self.give_up_or_wait(last, refused, backoff.after(Duration::ZERO, false)).await
    }

    async fn give_up_or_wait(&self, last: LastExit, refused: bool, wait: Duration) -> Next {
        let cause = if last.last_lines.is_empty() { vec![last.how.clone()] } else { last.last_lines.clone() };
        tracing::warn!(service = self.spec.name, how = last.how, refused, "supervisor: a service has died");
        self.status.send_modify(|status| {
            status.last_exit = Some(last);
            status.enter(if refused { State::Refused } else { State::Waiting }, None);
        });
        if !refused {
            return Next::Wait(wait);
        }
        // A closed receiver means that everything is ending already.
        drop(self.refusals.send((self.spec.name.clone(), cause)).await);
        Next::Rest
    }

    /// Stays without a process: for `wait` and then starts again, or until started.
    async fn pause(&mut self, wait: Option<Duration>) -> Next {
        let over = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let order = tokio::select! {
            biased;
            _ = self.ending.wait_for(|ending| *ending) => return Next::End,
            order = self.orders.recv() => order,
            () = over => {
                self.status.send_modify(|status| status.restarts = status.restarts.saturating_add(1));
                return Next::Run(None);
            }
        };
        match order {
            Some(Order::Start(answer)) => Next::Run(Some(answer)),
            Some(Order::Stop(answer)) => {
                self.stopped(answer);
                Next::Rest
            }
            None => Next::End,
        }
    }

    fn stopped(&self, answer: oneshot::Sender<()>) {
        self.status.send_modify(|status| status.enter(State::Stopped, None));
        drop(answer);
    }
}
