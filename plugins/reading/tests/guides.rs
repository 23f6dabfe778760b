//! The mappings that the guides show pass their own checks.

use tsugi_reading::load;

#[test]
fn every_mapping_in_a_guide_loads() {
    let guides = [
        include_str!("../../README.md"),
        include_str!("../../crm-export/README.md"),
        include_str!("../../erp-export/README.md"),
    ];
    for guide in guides {
        let shown = guide
            .split("```toml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next());
        let mappings: Vec<&str> = shown
            .filter(|text| text.starts_with("version = 1"))
            .collect();
        assert_eq!(mappings.len(), 1);
        for mapping in mappings {
            load("guide.toml", mapping).unwrap();
        }
    }
}
