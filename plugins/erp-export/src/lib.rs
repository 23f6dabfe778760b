//! Reads ERP export files: the shared reader with the mappings of this plugin.

use tsugi_reading::Embedded;
use tsugi_reading::{ExportSource, Mappings};

/// The mappings that this plugin carries, the default first.
pub struct ErpMappings;

impl Mappings for ErpMappings {
    const EMBEDDED: &'static [Embedded] = &[
        ("neutral-erp", include_str!("../mappings/neutral-erp.toml")),
        ("sap", include_str!("../mappings/sap.toml")),
        ("netsuite", include_str!("../mappings/netsuite.toml")),
        ("odoo", include_str!("../mappings/odoo.toml")),
        ("tryton", include_str!("../mappings/tryton.toml")),
    ];
}

/// The source of this plugin.
pub type ErpExport = ExportSource<ErpMappings>;

tsugi_plugin::export! { manifest: "plugin.toml", source: ErpExport }
