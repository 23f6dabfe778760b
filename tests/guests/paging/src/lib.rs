//! A source that reads an address page by page: each answer names the next one in its `Link`
//! header (RFC 8288), and each page ends with a checkpoint of where it would go on.
use tsugi_plugin::{
    Batch, Checkpoint, Error, HttpRequest, HttpResponse, ReadRequest, Recovery, Schema, Source,
    SourceHost, Step, StreamInfo, column,
};

/// A server that asks for a pause and does not say how long.
const PAUSE_MS: u32 = 1_000;

/// Orders, as far as they have been read. `{"describe": true, "want": "api", "weighed": true}`,
/// each optional.
pub struct Paging {
    host: SourceHost,
    config: String,
    columns: Vec<String>,
    next: Option<String>,
    rows: usize,
}

fn whole() -> Schema {
    Schema::new().utf8("id").utf8("status")
}

/// The address that an answer names as the next one: `</orders?after=3>; rel="next"`.
fn next_of(answer: &HttpResponse) -> Option<String> {
    let links = answer.header("link")?.split(',');
    let mut next = links.filter(|link| link.contains("rel=\"next\""));
    let (address, _) = next.next()?.trim().strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

impl Paging {
    fn want(&self) -> &str {
        let found = self.config.split_once("\"want\":\"");
        found.map_or("api", |(_, rest)| rest.split('"').next().unwrap_or("api"))
    }

    /// One row a line, `id,status`.
    fn lines<'a>(&self, body: &'a [u8]) -> Result<Vec<(String, &'a str)>, Error> {
        if self.config.contains("\"weighed\":true") {
            return Ok(vec![(format!("{} bytes", body.len()), "weighed")]);
        }
        let text = std::str::from_utf8(body)
            .map_err(|error| Error::data("not-utf8", format!("a page is no text: {error}")))?;
        let line = |line: &'a str| {
            let (id, status) = line.split_once(',')?;
            Some((id.to_owned(), status))
        };
        Ok(text.lines().filter_map(line).collect())
    }
}

impl Source for Paging {
    fn discover(config: &str, host: &SourceHost) -> Result<Vec<StreamInfo>, Error> {
        if config.contains("\"describe\":true") {
            host.http("api", &HttpRequest::get(""))?;
        }
        let orders = StreamInfo::new("orders", whole(), "Orders of the API.");
        Ok(vec![orders.primary_key(&["id"])])
    }

    fn open(config: &str, request: ReadRequest, host: SourceHost) -> Result<Self, Error> {
        let all = || vec!["id".to_owned(), "status".to_owned()];
        let since = request.since.first();
        let since = since.map(|one| String::from_utf8_lossy(&one.state).into_owned());
        Ok(Self {
            host,
            config: config.to_owned(),
            columns: request.columns.unwrap_or_else(all),
            next: Some(since.unwrap_or_default()),
            rows: 0,
        })
    }

    fn returns(&self) -> Schema {
        let columns = self.columns.iter();
        columns.fold(Schema::new(), |schema, name| schema.utf8(name.as_str()))
    }

    fn next(&mut self) -> Result<Step, Error> {
        let Some(url) = self.next.clone() else {
            return Ok(Step::done());
        };
        let request = HttpRequest::get(url).header("Accept", "text/csv");
        let answer = match self.host.http(self.want(), &request) {
            Err(error) if error.recovery == Recovery::Throttled => {
                return Ok(Step::wait(error.retry_after_ms.unwrap_or(PAUSE_MS)));
            }
            other => other?,
        };
        if answer.status != 200 {
            let what = format!("the address answered {}", answer.status);
            return Err(Error::give_up("unexpected-answer", what));
        }
        let lines = self.lines(&answer.body)?;
        let value = |name: &String, (id, status): &(String, &str)| match name.as_str() {
            "id" => id.clone(),
            _ => (*status).to_owned(),
        };
        let values = |name: &String| {
            lines
                .iter()
                .map(|line| value(name, line))
                .collect::<Vec<_>>()
        };
        let columns = self.columns.iter();
        let rows = Batch::new(columns.map(|name| column(name, values(name))))?;
        self.rows += rows.rows();
        self.next = next_of(&answer);
        let state = self.next.clone().unwrap_or_default();
        Ok(Step::rows(rows).checkpoint(Checkpoint {
            partition: String::new(),
            version: 1,
            summary: format!("{} orders, then {state}", self.rows),
            state: state.into_bytes(),
            rows: self.rows as f64,
        }))
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", source: Paging }

#[cfg(test)]
mod tests {
    use tsugi_plugin::testing::{MockHost, read_request, read_source};

    use super::*;

    #[test]
    fn pages_are_read_to_the_last_and_on_from_a_checkpoint() {
        let host = MockHost::new().http("api", |request| {
            let mut answer = HttpResponse::status(200);
            if request.url.is_empty() {
                let next = (
                    "Link".to_owned(),
                    "</orders?after=2>; rel=\"next\"".to_owned(),
                );
                answer.headers.push(next);
                return Ok(answer.body("1,open\n2,paid\n"));
            }
            assert_eq!(request.url, "/orders?after=2");
            Ok(answer.body("3,open\n"))
        });
        let mut request = read_request("orders");
        let all = read_source::<Paging>("{}", request.clone(), &host).unwrap();
        assert_eq!((all.rows.rows(), all.checkpoints.len()), (3, 2));
        request.since = vec![all.checkpoints[0].1.clone()];
        let rest = read_source::<Paging>("{}", request, &host).unwrap();
        assert_eq!(rest.rows.json(0), r#"{"id":"3","status":"open"}"#);
    }
}
