//! A sink that is handed messages, sends something else, and tells of it what is not so, as its config
//! says.
use tsugi_plugin::{
    Batch, Error, HttpRequest, MailMessage, Receipt, Repeat, RowError, Sink, SinkHost, Terms,
    WriteRequest,
};

/// `{"by": "mail", "sends": "rows", "says": "accepted", "once": false}`.
pub struct Straying {
    config: String,
    run: String,
    host: SinkHost,
}

/// The text under a key; none of ours has a quote in it.
fn said<'c>(config: &'c str, key: &str) -> &'c str {
    let found = config.split_once(&format!("\"{key}\":\""));
    found.and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default()
}

impl Straying {
    fn sends(&self) -> &str {
        said(&self.config, "sends")
    }

    /// A mail that no row asks for. What the host says to it is not looked at.
    fn stray(&self, when: &str) {
        let mail = MailMessage {
            from: "care@shop.example".into(),
            to: "stranger@other.example".into(),
            subject: "A refund".into(),
            text: "Call us with the number of your card.".into(),
            headers: Vec::new(),
            message_id: format!("{}.{when}@shop.example", self.run),
            extra: Vec::new(),
        };
        let _ = self.host.mail("server", &mail);
    }

    fn mail(&self, rows: &Batch, sequence: u32, row: usize) -> Result<(), Error> {
        let text = |name: &str| -> Result<String, Error> {
            Ok(rows.utf8(name)?.iter().nth(row).flatten().unwrap_or_default().to_owned())
        };
        let mut mail = MailMessage {
            from: "care@shop.example".into(),
            to: text("address")?,
            subject: text("subject")?,
            text: text("body")?,
            headers: Vec::new(),
            message_id: format!("{}.{sequence}.{row}@shop.example", self.run),
            extra: Vec::new(),
        };
        match self.sends() {
            "other address" => mail.to = format!("other.{}", mail.to),
            "capitals" => mail.to = mail.to.to_uppercase(),
            "other subject" => mail.subject.push('!'),
            "more text" => mail.text.push_str("\nP.S. Pay 5 EUR."),
            "header" => mail.headers.push(("Reply-To".into(), "boss@evil.example".into())),
            "text of another" => mail.text = rows.utf8("body")?.iter().nth(row + 1).flatten().unwrap_or("x").to_owned(),
            "nothing" => return Ok(()),
            _ => {}
        }
        let sent = self.host.mail("server", &mail).map(drop);
        if self.sends() == "twice" {
            let _ = self.host.mail("server", &mail);
        }
        match self.sends() {
            "rows" | "twice" => sent,
            _ => Ok(()),
        }
    }

    /// The body of the manifest.
    fn mapped(&self, rows: &Batch, row: usize, address: &str) -> Result<String, Error> {
        let json = |text: &str| {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            format!("\"{text}\"")
        };
        let text = |name: &str| -> Result<String, Error> {
            Ok(json(rows.utf8(name)?.iter().nth(row).flatten().unwrap_or_default()))
        };
        let address = match self.sends() {
            "mapped to another" => "stranger@other.example",
            _ => address,
        };
        let track = match self.sends() {
            "mapped with more" => "false, \"footer\": \"Pay 5 EUR.\"",
            _ => "false",
        };
        Ok(format!(
            "{{\"to\": [{{\"email\": {}}}], \"content\": {{\"kind\": \"text/plain\", \"value\": {}}}, \"subject\": {}, \"track\": {track}}}",
            json(address),
            text("body")?,
            text("subject")?
        ))
    }

    fn post(&self, rows: &Batch, row: usize) -> Result<(), Error> {
        let mut body = rows.json(row);
        let address = rows.utf8("address")?.iter().nth(row).flatten().unwrap_or_default();
        match self.sends() {
            "other address" => body = body.replace(address, "stranger@other.example"),
            "more text" => body = body.replacen('{', "{\"more\":\"Pay 5 EUR.\",", 1),
            "less" => body = format!("{{\"address\":\"{address}\"}}"),
            "list" => body = format!("[{body}]"),
            "mapped" | "mapped to another" | "mapped with more" => body = self.mapped(rows, row, address)?,
            "not json" => body = "Pay 5 EUR.".into(),
            "empty" => body = String::new(),
            "nothing" => return Ok(()),
            _ => {}
        }
        let key = format!("\"{}.{row}\"", self.run);
        let mut request = HttpRequest::new("POST", body).header("Idempotency-Key", key);
        match self.sends() {
            "path" => request.url = "pay-5-eur".into(),
            "query" => request.url = "?text=pay-5-eur".into(),
            "header" => request.headers.push(("X-To".into(), "stranger@other.example".into())),
            _ => {}
        }
        let sent = self.host.http("channel", &request).map(drop);
        if self.sends() == "twice" {
            let _ = self.host.http("channel", &request);
        }
        match self.sends() {
            "rows" | "twice" | "list" | "mapped" => sent,
            _ => Ok(()),
        }
    }
}

impl Sink for Straying {
    fn terms(config: &str) -> Result<Terms, Error> {
        let repeat = match config.contains("\"once\":true") {
            true => Repeat::Never,
            false => Repeat::Same,
        };
        Ok(Terms { repeat, batch_rows: 0 })
    }

    fn open(config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error> {
        let sink = Self { config: config.to_owned(), run: request.run_id, host };
        if sink.sends() == "when opened" {
            sink.stray("open");
        }
        Ok(sink)
    }

    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        for row in 0..rows.rows() {
            match said(&self.config, "by") {
                "http" => self.post(rows, row)?,
                _ if self.sends() == "strangers" => self.stray(&row.to_string()),
                _ => self.mail(rows, sequence, row)?,
            }
        }
        let code = match said(&self.config, "says") {
            "refused" => "refused",
            "unknown" => Receipt::UNKNOWN,
            "later" => return Err(Error::retry("busy", "come back later")),
            "dies" => panic!("the line is cut"),
            _ => return Ok(Receipt::accepted(rows.rows(), "all of them")),
        };
        let failed = (0_u32..).zip(0..rows.rows()).map(|(row, _)| RowError {
            row,
            code: code.into(),
            message: "no such person".into(),
        });
        Ok(Receipt { failed: failed.collect(), ..Receipt::accepted(0, "none of them") })
    }

    fn commit(&mut self) -> Result<Receipt, Error> {
        if self.sends() == "when it ends" {
            self.stray("commit");
        }
        Ok(Receipt::accepted(0, "done"))
    }

    fn abort(&mut self) -> Result<(), Error> {
        if self.sends() == "when it ends" {
            self.stray("abort");
        }
        Ok(())
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", sink: Straying }
