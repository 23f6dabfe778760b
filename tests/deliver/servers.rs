//! Real servers at the other end of a channel: one for HTTP in this process, one for SMTP in Python.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::sample_copy::objects;
use crate::support::{root, scratch, skipped};

/// What the address answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Takes each message; one whose key it knows it answers without taking it again.
    Takes,
    /// Answers so, whatever comes; `ECHO` in it becomes the `Authorization` that came.
    Says(String),
    /// Answers so once, and takes after that.
    SaysOnce(String),
    /// Takes each message and answers after a while.
    Slow(Duration),
    /// Takes the request and is silent.
    Silent,
    /// An answer without an end.
    Endless,
    /// Hangs up in the middle of the answer.
    Breaks,
    /// Answers each path so, `ECHO` as above, and any other with 404.
    Pages(BTreeMap<String, String>),
}

/// What has come in.
#[derive(Debug, Default)]
pub struct Seen {
    pub connections: usize,
    pub authorizations: BTreeSet<String>,
    /// Request lines, in order.
    pub requests: Vec<String>,
    /// How often a request about a customer came whole.
    pub arrived: BTreeMap<String, usize>,
    /// How often it had an effect: once a key.
    pub effects: BTreeMap<String, usize>,
    bodies: BTreeMap<String, Vec<u8>>,
}

/// An HTTP server on this machine.
pub struct HttpServer {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
    manner: Arc<Mutex<Manner>>,
}

impl HttpServer {
    pub fn start(manner: Manner) -> Self {
        Self::over(manner, Some)
    }

    /// One that speaks TLS, with this certificate of `certificates/`.
    pub fn start_tls(manner: Manner, certificate: &str) -> Self {
        let read = |name: &str| std::fs::read(certificate_file(name)).unwrap();
        let chain = CertificateDer::from_pem_slice(&read(&format!("{certificate}.pem")));
        let key = PrivateKeyDer::from_pem_slice(&read("server.key"));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![chain.unwrap()], key.unwrap());
        let config = Arc::new(config.unwrap());
        Self::over(manner, move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).ok()?;
            Some(StreamOwned::new(connection, stream))
        })
    }

    fn over<S: Read + Write + 'static>(
        manner: Manner,
        wrap: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
            manner: Arc::new(Mutex::new(manner)),
        };
        let (seen, manner) = (Arc::clone(&server.seen), Arc::clone(&server.manner));
        let wrap = Arc::new(wrap);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                seen.lock().unwrap().connections += 1;
                let (seen, manner) = (Arc::clone(&seen), Arc::clone(&manner));
                let wrap = Arc::clone(&wrap);
                std::thread::spawn(move || serve(wrap(stream)?, &seen, &manner));
            }
        });
        server
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub fn forget(&self) {
        *self.seen() = Seen::default();
    }
}

/// A file of `certificates/`: `authority` signed `right`, `expired` and `other-name`, all for the
/// one key; `stranger` is an authority that signed none of them. Made once with openssl, for tests.
pub fn certificate_file(name: &str) -> PathBuf {
    root().join("tests/deliver/certificates").join(name)
}

/// One request, if it comes whole.
fn serve(stream: impl Read + Write, seen: &Mutex<Seen>, manner: &Mutex<Manner>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim().split_once(':') {
            Some((name, value)) => headers.insert(name.to_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    let authorization = headers.get("authorization").cloned().unwrap_or_default();
    let manner = {
        let mut now = manner.lock().unwrap();
        let manner = now.clone();
        if matches!(manner, Manner::SaysOnce(_)) {
            *now = Manner::Takes;
        }
        manner
    };
    let takes = !matches!(
        manner,
        Manner::Says(_) | Manner::SaysOnce(_) | Manner::Pages(_)
    );
    note(
        &mut seen.lock().unwrap(),
        first.trim(),
        &authorization,
        &headers,
        body,
        takes,
    );
    let path = first.split(' ').nth(1).unwrap_or_default();
    answer(reader.get_mut(), &manner, &authorization, path)
}

fn note(
    seen: &mut Seen,
    first: &str,
    authorization: &str,
    headers: &BTreeMap<String, String>,
    body: Vec<u8>,
    takes: bool,
) {
    seen.requests.push(first.to_owned());
    seen.authorizations.insert(authorization.to_owned());
    let Ok(Value::Object(message)) = serde_json::from_slice(&body) else {
        return;
    };
    // A body that a manifest maps names the address alone.
    let customer = message.get("customer_id");
    let customer = customer.unwrap_or_else(|| &message["to"][0]["email"]);
    let customer = customer.as_str().unwrap().to_owned();
    *seen.arrived.entry(customer.clone()).or_default() += 1;
    let key = headers["idempotency-key"].clone();
    assert!(!key.trim_matches('"').is_empty(), "a key without a name");
    match seen.bodies.get(&key) {
        Some(before) => assert_eq!(*before, body, "one key, two texts"),
        None if takes => {
            *seen.effects.entry(customer).or_default() += 1;
            seen.bodies.insert(key, body);
        }
        None => {}
    }
}

fn answer(stream: &mut impl Write, manner: &Manner, authorization: &str, path: &str) -> Option<()> {
    let whole = "HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok";
    match manner {
        Manner::Takes => stream.write_all(whole.as_bytes()).ok(),
        Manner::Slow(wait) => {
            std::thread::sleep(*wait);
            stream.write_all(whole.as_bytes()).ok()
        }
        Manner::Says(text) | Manner::SaysOnce(text) => {
            let text = text.replace("ECHO", authorization);
            stream.write_all(text.as_bytes()).ok()
        }
        Manner::Silent => {
            std::thread::sleep(Duration::from_secs(20));
            Some(())
        }
        Manner::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
            let chunk = [b'x'; 65_536];
            while stream.write_all(&chunk).is_ok() {}
            Some(())
        }
        Manner::Breaks => stream.write_all(&whole.as_bytes()[..20]).ok(),
        Manner::Pages(pages) => {
            let none = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned();
            let text = pages.get(path).unwrap_or(&none);
            let text = text.replace("ECHO", authorization);
            stream.write_all(text.as_bytes()).ok()
        }
    }?;
    stream.flush().ok()
}

/// Takes mail as aiosmtpd does, writes each message down before it says yes, and counts.
const SMTP: &str = r#"
import asyncio, json, ssl, sys
from email import message_from_bytes
from aiosmtpd.smtp import SMTP
log = open(sys.argv[1], "a", buffering=1)
manner, chain, key = sys.argv[2:5]
tls = None
if manner != "plain":
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(chain, key)
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown@"):
            return "550 5.1.1 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content)
        body = mail.get_payload(decode=True).decode("utf-8")
        log.write(json.dumps({"to": envelope.rcpt_tos[0], "from": envelope.mail_from,
            "id": mail["Message-ID"], "subject": mail["Subject"], "body": body,
            "unsubscribe": mail["List-Unsubscribe"],
            "unsubscribe_post": mail["List-Unsubscribe-Post"]}) + "\n")
        return "250 kept"
async def main():
    loop = asyncio.get_running_loop()
    upgrade = {"tls_context": tls, "require_starttls": True} if manner == "starttls" else {}
    made = lambda: SMTP(Handler(), hostname="test.invalid", **upgrade)
    inside = tls if manner == "smtps" else None
    server = await loop.create_server(made, "127.0.0.1", 0, ssl=inside)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"#;

/// A mail server; stopped when dropped.
pub struct SmtpServer {
    pub port: u16,
    child: Child,
    log: PathBuf,
}

impl SmtpServer {
    /// Starts one that does not encrypt, or none with a printed reason.
    pub fn start(name: &str) -> Option<Self> {
        Self::encrypted(name, "plain", "right")
    }

    /// Starts one that encrypts from the first word (`smtps`) or on request (`starttls`), with this
    /// certificate of `certificates/`; or none with a printed reason.
    pub fn encrypted(name: &str, manner: &str, certificate: &str) -> Option<Self> {
        let log = scratch(name).join("mail.jsonl");
        std::fs::write(&log, "").unwrap();
        let python = std::env::var("TSUGI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let started = Command::new(&python)
            .args(["-c", SMTP])
            .arg(&log)
            .arg(manner)
            .arg(certificate_file(&format!("{certificate}.pem")))
            .arg(certificate_file("server.key"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            skipped("smtp", &format!("{python} does not start"));
            return None;
        };
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let Ok(port) = line.trim().parse() else {
            child.wait().unwrap();
            skipped("smtp", &format!("{python} has no aiosmtpd"));
            return None;
        };
        Some(Self { port, child, log })
    }

    /// The messages it took, in order.
    pub fn messages(&self) -> Vec<Map<String, Value>> {
        objects(&std::fs::read_to_string(&self.log).unwrap())
    }

    pub fn forget(&self) {
        std::fs::write(&self.log, "").unwrap();
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(folder) = self.log.parent() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
