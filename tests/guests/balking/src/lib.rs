//! A sink that takes messages, refuses one person, is out of order, crashes, hangs, loses count or
//! sends the rows somewhere, as its config says.
use tsugi_plugin::{Batch, Error, HttpRequest, Receipt, RowError, Sink, SinkHost, WriteRequest};

/// `{"refuse": "C-1", "down": true, "dies": true, "hangs": true, "half": true, "post": "URL",
/// "method": "PUT"}`, each optional.
pub struct Balking {
    config: String,
    request: WriteRequest,
    host: SinkHost,
}

impl Balking {
    /// The text under a key; none of ours has a quote in it.
    fn said(&self, key: &str) -> Option<&str> {
        let (_, rest) = self.config.split_once(&format!("\"{key}\":\""))?;
        rest.split('"').next()
    }
}

impl Sink for Balking {
    fn open(config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error> {
        Ok(Self {
            config: config.to_owned(),
            request,
            host,
        })
    }

    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        if self.config.contains("\"down\":true") {
            return Err(Error::give_up("down", "the channel is out of order"));
        }
        if let Some(url) = self.said("post") {
            for row in 0..rows.rows() {
                let method = self.said("method").unwrap_or("POST");
                let key = format!("\"{}.{sequence}.{row}\"", self.request.run_id);
                let mut request =
                    HttpRequest::new(method, rows.json(row)).header("Idempotency-Key", key);
                request.url = url.to_owned();
                self.host.http("channel", &request)?;
            }
        }
        let (mut lines, mut failed) = (String::new(), Vec::new());
        for (row, customer) in (0_u32..).zip(rows.utf8("customer_id")?.iter()) {
            let customer = customer.unwrap_or_default();
            if self.config.contains(&format!("\"refuse\":\"{customer}\"")) {
                failed.push(RowError {
                    row,
                    code: "refused".into(),
                    message: format!("{customer} does not live here"),
                });
            } else {
                lines.push_str(&format!("{{\"customer_id\":\"{customer}\"}}\n"));
            }
        }
        if !self.request.dry_run && !lines.is_empty() {
            let name = format!("{}/{sequence:06}.jsonl", self.request.run_id);
            self.host.put("outbox", &name, lines.as_bytes())?;
        }
        assert!(!self.config.contains("\"dies\":true"), "the line is cut");
        if self.config.contains("\"hangs\":true") {
            loop {
                std::hint::spin_loop();
            }
        }
        if self.config.contains("\"half\":true") {
            return Ok(Receipt::accepted(rows.rows() / 2, "half of it"));
        }
        let mut receipt = Receipt::accepted(rows.rows() - failed.len(), "taken");
        receipt.failed = failed;
        Ok(receipt)
    }

    fn commit(&mut self) -> Result<Receipt, Error> {
        Ok(Receipt::accepted(0, "done"))
    }

    fn abort(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", sink: Balking }
