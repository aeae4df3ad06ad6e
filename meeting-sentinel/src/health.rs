//! Whether the running sentinel works, for ECS's health check of the container, which can only run a command: a listener
//! on a loopback port says it in one line to whoever connects, and `--healthy` asks it. No file, because the root file
//! system of a container may be read-only.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Every line begins like this, so that another server on the port is not taken for us.
const HEALTHY: &str = "meeting-sentinel healthy: ";
const UNHEALTHY: &str = "meeting-sentinel unhealthy: ";
/// For saying and asking. ECS gives a check 5 s by default.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than any line.
const MAX_LINE: u64 = 4096;

/// What the loop tells the listener.
#[derive(Debug)]
pub struct Health {
    /// A cycle older than this is too old.
    fresh: Duration,
    last: Mutex<Option<Cycle>>,
}

#[derive(Debug, Clone)]
struct Cycle {
    at: Instant,
    as_wanted: bool,
    state: String,
}

impl Health {
    /// Nothing is known yet; that is unhealthy.
    pub fn new(interval: Duration) -> Self {
        Self {
            fresh: interval * 3,
            last: Mutex::new(None),
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<Cycle>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cycle was completed: jicofo was asked, and the agent where it had to be.
    pub fn cycle(&self, at: Instant, as_wanted: bool, state: String) {
        *self.last() = Some(Cycle { at, as_wanted, state });
    }

    /// The line for whoever asks.
    fn line(&self, now: Instant) -> String {
        match self.last().clone() {
            None => format!("{UNHEALTHY}jicofo was not asked yet\n"),
            Some(cycle) => {
                let age = now.saturating_duration_since(cycle.at);
                if age > self.fresh {
                    let age = age.as_secs_f64();
                    format!(
                        "{UNHEALTHY}nothing was done for {age:.1} s; before that: {}\n",
                        cycle.state
                    )
                } else if cycle.as_wanted {
                    format!("{HEALTHY}{}\n", cycle.state)
                } else {
                    format!("{UNHEALTHY}{}\n", cycle.state)
                }
            }
        }
    }
}

/// Says to each connection how it is, one after the other. Whoever does not take the line waits at most two seconds.
///
/// # Errors
/// When no thread can be had.
pub fn serve(listener: TcpListener, health: Arc<Health>) -> io::Result<()> {
    let serve = move || {
        for connection in listener.incoming() {
            match connection {
                Ok(connection) => say(connection, &health),
                // Out of file descriptors, say: not at full speed.
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        }
    };
    let builder = thread::Builder::new().name("health".to_owned()).stack_size(128 * 1024);
    builder.spawn(serve).map(drop)
}

fn say(mut connection: TcpStream, health: &Health) {
    let line = health.line(Instant::now());
    if connection.set_write_timeout(Some(TIMEOUT)).is_ok() {
        // Whoever has gone does not want to know.
        let _ = connection.write_all(line.as_bytes());
    }
}

/// Asks the running sentinel.
///
/// # Errors
/// One line: why it is not healthy, or does not answer.
pub fn ask(address: SocketAddr) -> Result<(), String> {
    let deadline = Instant::now() + TIMEOUT;
    let line = line_from(address, deadline).map_err(|e| format!("no sentinel answers at {address}: {}", e.kind()))?;
    if line.starts_with(HEALTHY) && line.ends_with('\n') {
        Ok(())
    } else if let Some(why) = line.strip_prefix(UNHEALTHY) {
        Err(why.trim_end().to_owned())
    } else {
        Err(format!("no sentinel answers at {address}, but something else"))
    }
}

fn line_from(address: SocketAddr, deadline: Instant) -> io::Result<String> {
    let mut line = Vec::new();
    let mut connection = TcpStream::connect_timeout(&address, TIMEOUT)?;
    let mut piece = [0; 512];
    while !line.contains(&b'\n') && (line.len() as u64) < MAX_LINE {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        connection.set_read_timeout(Some(left))?;
        match connection.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => line.extend_from_slice(&piece[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Err(io::ErrorKind::TimedOut.into()),
            Err(e) => return Err(e),
        }
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn healthy_is_a_fresh_cycle_with_the_protection_as_wanted() {
        let health = Health::new(Duration::from_secs(10));
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        assert!(health.line(start).starts_with(UNHEALTHY));
        health.cycle(start, true, "protected: 1 person in 1 room".to_owned());
        assert_eq!(
            health.line(at(30)),
            "meeting-sentinel healthy: protected: 1 person in 1 room\n"
        );
        assert!(health.line(at(31)).starts_with(UNHEALTHY));
        health.cycle(at(31), false, "not protected: because".to_owned());
        assert_eq!(
            health.line(at(31)),
            "meeting-sentinel unhealthy: not protected: because\n"
        );
    }

    #[test]
    fn another_server_on_the_port_is_no_sentinel() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = thread::spawn(move || {
            for text in [
                "healthy\n",
                "meeting-sentinel healthy: cut",
                "",
                "HTTP/1.1 400 Bad Request\r\n\r\n",
            ] {
                listener.accept().unwrap().0.write_all(text.as_bytes()).unwrap();
            }
        });
        for _ in 0..4 {
            assert!(ask(address).unwrap_err().contains("something else"));
        }
        answers.join().unwrap();
        assert!(ask(address).unwrap_err().contains("connection refused"));
    }
}
