//! The neutral ERP shape, read through the plugin kit's mock host as the host reads it.

use tsugi_erp_export::ErpExport;
use tsugi_plugin::testing::{MockHost, discover, read_request, read_source};

const HEADS: [(&str, &str); 15] = [
    (
        "products",
        "product_id,name,category,list_price,launched_on",
    ),
    ("materials", "material_id,name,kind"),
    ("suppliers", "supplier_id,name,country"),
    (
        "receipts",
        "receipt_id,supplier_id,material_id,component_lot,quantity,unit_cost,received_on",
    ),
    (
        "inspections",
        "inspection_id,receipt_id,component_lot,inspected,rejected,inspected_on,result",
    ),
    (
        "production_orders",
        "production_order_id,product_id,plant,quantity,started_on,finished_on",
    ),
    (
        "consumption",
        "production_order_id,component_lot,material_id,quantity",
    ),
    (
        "finished_lots",
        "finished_lot,production_order_id,product_id,quantity,produced_on",
    ),
    ("stock", "site,finished_lot,quantity,as_of"),
    (
        "sales",
        "order_id,order_line,ordered_on,customer_id,product_id,quantity,unit_price,unit_cost,currency,country,region,channel",
    ),
    (
        "shipments",
        "shipment_id,order_id,order_line,finished_lot,quantity,pick,carrier,shipped_on,delivered_on",
    ),
    (
        "returns",
        "return_id,order_id,order_line,quantity,reason,returned_on",
    ),
    (
        "warranty_claims",
        "claim_id,order_id,order_line,quantity,reason,claimed_on",
    ),
    (
        "remedies",
        "remedy_id,order_id,order_line,quantity,kind,promised_on,delivered_on",
    ),
    (
        "changes",
        "change_id,kind,supplier_id,material_id,effective_on,note",
    ),
];

fn all_files() -> MockHost {
    HEADS.iter().fold(MockHost::new(), |host, (name, head)| {
        host.file("exports", &format!("{name}.csv"), format!("{head}\n"))
    })
}

#[test]
fn all_streams_are_listed_and_read() {
    let host = all_files();
    let streams = discover::<ErpExport>("{}", &host).unwrap();
    assert_eq!(streams.len(), HEADS.len());
    for (name, head) in HEADS {
        let stream = streams.iter().find(|stream| stream.name == name).unwrap();
        let columns: Vec<&str> = stream
            .schema
            .fields()
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        assert_eq!(columns.join(","), format!("{head},_file,_line"));
        assert!(!stream.primary_key.is_empty());
        assert_eq!(
            read_source::<ErpExport>("{}", read_request(name), &host)
                .unwrap()
                .rows
                .rows(),
            0
        );
    }
}

#[test]
fn sales_are_typed() {
    let (_, head) = HEADS[9];
    let host = all_files().file(
        "exports",
        "sales.csv",
        format!("{head}\nSO-1,1,2025-06-03,,P-301,2,69.00,26.22,EUR,DE,Berlin,store\nSO-2,1,2025-06-03,,P-301,one,69.00,26.22,EUR,DE,Berlin,store\n"),
    );
    let read = read_source::<ErpExport>("{}", read_request("sales"), &host).unwrap();
    assert_eq!(
        read.rows.json(0),
        r#"{"order_id":"SO-1","order_line":"1","ordered_on":"2025-06-03","customer_id":null,"product_id":"P-301","quantity":2,"unit_price":69.0,"unit_cost":26.22,"currency":"EUR","country":"DE","region":"Berlin","channel":"store","_file":"sales.csv","_line":2}"#
    );
    assert_eq!(host.rejects().len(), 1);
    assert_eq!(
        host.rejects()[0].raw,
        "SO-2,1,2025-06-03,,P-301,one,69.00,26.22,EUR,DE,Berlin,store"
    );
}
