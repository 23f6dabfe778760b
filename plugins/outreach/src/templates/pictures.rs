//! Picture files as the relation `assets` describes them, and whether a logo is one of the brand.

use std::collections::BTreeMap;

use tsugi_plugin::Row;

use crate::input::values::{Trimmed, owned};
use crate::message::reasons::{Reason, Weight};
use crate::rules::rulebook::{RuleScope, Rulebook};

/// One row of the relation `assets`.
#[derive(Debug, Row)]
pub(crate) struct AssetRow<'a> {
    url: Option<Trimmed<'a>>,
    sha256: Option<Trimmed<'a>>,
    width_px: Option<Trimmed<'a>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Asset {
    sha256: String,
    width_px: Option<u64>,
}

/// The measured picture files by URL.
#[derive(Debug, Default)]
pub(crate) struct Assets(BTreeMap<String, Asset>);

impl Assets {
    pub(crate) fn add(&mut self, row: AssetRow<'_>) {
        let Some(url) = owned(row.url) else {
            return;
        };
        let asset = Asset {
            sha256: row
                .sha256
                .map_or_else(String::new, |hash| hash.to_ascii_lowercase()),
            width_px: row.width_px.and_then(|width| width.parse().ok()),
        };
        self.0.insert(url, asset);
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
