//! A DataFusion session of your own calls the functions of a plugin; no project, no warehouse.
//! `cargo run -p tsugi-functions --example own_session -- sentiment.wasm`
use std::{error::Error, path::Path};

use datafusion::arrow::{array::RecordBatch, util::pretty::print_batches};
use datafusion::prelude::SessionContext;
use tsugi_core::grant::Grants;
use tsugi_functions::{PluginUse, add_plugin};
use tsugi_sandbox::{Compiler, Granted, PluginFile, Sandbox};

const SQL: &str = "SELECT text, sentiment(text, 'en') AS score
    FROM (VALUES ('I love these shoes'), ('The sole broke, terrible')) AS reviews (text)";

pub async fn answer(component: &Path) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    // No folder, no address, no mail server, no clock: functions need none.
    let granted = Granted::open(&Grants::default())?;
    let sandbox = Sandbox::new(Compiler::default())?;
    let plugin = sandbox.load(PluginFile::read(component, granted)?)?;

    let context = SessionContext::new();
    add_plugin(&context, &PluginUse::new(plugin)?)?;
    Ok(context.sql(SQL).await?.collect().await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let component = std::env::args().nth(1).ok_or("which component file?")?;
    Ok(print_batches(&answer(Path::new(&component)).await?)?)
}
