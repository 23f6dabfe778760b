//! A vendor's sink that writes accounts back to a CRM. Its rows have two columns and no word of
//! messages.
use tsugi_plugin::{Batch, Error, Receipt, Sink, SinkHost, WriteRequest};

/// One delivery of accounts.
pub struct CrmSync {
    request: WriteRequest,
    host: SinkHost,
}

impl Sink for CrmSync {
    fn open(_config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error> {
        if request.key != ["account"] {
            let message = format!("accounts have the key `account`, not {:?}", request.key);
            return Err(Error::config("key", message));
        }
        Ok(Self { request, host })
    }

    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let (accounts, stages) = (rows.utf8("account")?, rows.utf8("stage")?);
        let mut lines = String::new();
        for (account, stage) in accounts.iter().zip(stages.iter()) {
            let (account, stage) = (account.unwrap_or_default(), stage.unwrap_or_default());
            lines.push_str(&format!("{account}={stage}\n"));
        }
        if !self.request.dry_run {
            let name = format!("{}/{sequence:06}.txt", self.request.run_id);
            self.host.put("accounts", &name, lines.as_bytes())?;
        }
        Ok(Receipt::accepted(rows.rows(), "written"))
    }

    fn commit(&mut self) -> Result<Receipt, Error> {
        Ok(Receipt::accepted(0, "done"))
    }

    fn abort(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", sink: CrmSync }
