"""Writes src/regions.tsv from the metadata of the Python package phonenumbers, which is that of Google's libphonenumber
(Apache-2.0): `python3 make_regions.py > src/regions.tsv`.
"""

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

KINDS = "fixed_line mobile toll_free premium_rate shared_cost personal_number voip pager uan voicemail".split()

print(f"# Regions of the world and their numbers: from libphonenumber {phonenumbers.__version__}, Apache-2.0, by make_regions.py.")
print("# region, code, whether it is the first of its code, leading digits, prefix for abroad, prefix inside,")
print("# prefix inside as a pattern, what a number becomes behind it, numbers that exist")
for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
    for at, region in enumerate(regions):
        data = (
            PhoneMetadata.metadata_for_nongeo_region(code)
            if region == "001"
            else PhoneMetadata.metadata_for_region(region)
        )
        # Liechtenstein and America know a prefix that is not written.
        main = PhoneMetadata.metadata_for_region(regions[0], None) or data
        rules = [form.national_prefix_formatting_rule or "" for form in main.number_format]
        prefix = data.national_prefix or ""
        dialled = prefix if any(prefix + "\\1" in rule for rule in rules) else ""
        patterns = []
        for kind in KINDS:
            kind = getattr(data, kind)
            if kind and kind.national_number_pattern and kind.national_number_pattern not in patterns:
                patterns.append(kind.national_number_pattern)
        print(
            region,
            code,
            int(at == 0),
            data.leading_digits or "",
            data.international_prefix or "",
            dialled,
            data.national_prefix_for_parsing or data.national_prefix or "",
            (data.national_prefix_transform_rule or "").replace("\\", "$"),
            "|".join(patterns),
            sep="\t",
        )
