//! Reads CRM export files: the shared reader with the mappings of this plugin.

use tsugi_reading::Embedded;
use tsugi_reading::{ExportSource, Mappings};

/// The mappings that this plugin carries, the default first.
pub struct CrmMappings;

impl Mappings for CrmMappings {
    const EMBEDDED: &'static [Embedded] = &[
        ("neutral-crm", include_str!("../mappings/neutral-crm.toml")),
        ("salesforce", include_str!("../mappings/salesforce.toml")),
        ("zendesk", include_str!("../mappings/zendesk.toml")),
        ("hubspot", include_str!("../mappings/hubspot.toml")),
        ("kintone", include_str!("../mappings/kintone.toml")),
    ];
}

/// The source of this plugin.
pub type CrmExport = ExportSource<CrmMappings>;

tsugi_plugin::export! { manifest: "plugin.toml", source: CrmExport }
