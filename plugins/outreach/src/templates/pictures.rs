//! Picture files as the relation `assets` describes them, and whether a logo is one of the brand.

use std::collections::BTreeMap;

use crate::input::cell::Row;
use crate::message::reasons::{Reason, Weight};
use crate::rules::rulebook::{RuleScope, Rulebook};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asset {
    sha256: String,
    width_px: Option<u64>,
}

/// The measured picture files by URL.
#[derive(Debug, Default)]
pub(crate) struct Assets(BTreeMap<String, Asset>);

impl Assets {
    pub(crate) fn add(&mut self, row: &Row<'_>) {
        if let Some(url) = row.text("url") {
            let asset = Asset {
                sha256: row.text("sha256").unwrap_or_default().to_ascii_lowercase(),
                width_px: row.text("width_px").and_then(|width| width.parse().ok()),
            };
            self.0.insert(url, asset);
        }
    }

    /// A reason unless the logo is a file of the brand and wide enough.
    pub(crate) fn logo_fault(
        &self,
        url: &str,
        rulebook: &Rulebook,
        scope: &RuleScope<'_>,
        weight: Weight,
    ) -> Option<Reason> {
        let least = rulebook.count("logo_width_min_px", scope);
        let mut ours = rulebook
            .all("logo_sha256", *scope)
            .filter_map(|rule| rule.text());
        let what = match self.0.get(url) {
            None => format!("the logo {url} is not measured"),
            Some(asset) if !ours.any(|hash| hash == asset.sha256) => {
                format!("the file at {url} is not a logo of the brand")
            }
            Some(asset) => match asset.width_px {
                Some(width) if width >= least => return None,
                Some(width) => {
                    format!("the logo at {url} is {width} pixels wide, {least} is the least")
                }
                None => format!("the width of the logo at {url} is not measured"),
            },
        };
        Some(Reason::new("logo-wrong", weight, what))
    }
}
