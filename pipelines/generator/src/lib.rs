//! Generates the sample exports of Morihane, an invented shoe brand that sells in Japan, Switzerland and Germany.
//!
//! The same options give the same bytes on every machine. The README beside the exports describes what is
//! planted and the traps around it; the truth tables are for tests and are never part of the exports.

pub mod aftermath;
mod behaviour;
pub mod business;
pub mod chatter;
pub mod defects;
pub mod dice;
pub mod incidents;
mod incoming;
pub mod lots;
pub mod names;
pub mod people;
pub mod phrases;
pub mod promotion;
mod readme;
pub mod sales;
pub mod shipping;
pub mod signals;
pub mod supply;
pub mod table;
pub mod texts;
pub mod truth;
pub mod voices;
pub mod world;
pub mod worlds;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use business::{MATERIALS, PRODUCTS, SUPPLIERS, cents};
use dice::{Dice, Stream};
use incidents::Incident;
use phrases::Phrases;
use supply::Supply;
use table::{Place, Table};
use voices::Traps;
use world::World;

/// How strongly the cause shows in the exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Plant {
    /// Soles crack in every lot of the period, worst in cold regions.
    Strong,
    /// Four complaints in a short period: too few to be sure.
    Weak,
    /// Nothing but the usual trouble.
    None,
}

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seed of all chance.
    pub seed: u64,
    /// Size of the business from 0.05 to 600; 1 is some 20,000 order lines.
    pub scale: f64,
    /// How strongly the cause shows.
    pub plant: Plant,
    /// How many finished lots, about; by itself their number grows with the root of the scale.
    pub lots: Option<u32>,
    /// How many texts, about; by itself some 16 for each hundred order lines. Complaints follow from what went wrong:
    /// only the texts of buyers to whom nothing happened become more or fewer.
    pub texts: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 7,
            scale: 1.0,
            plant: Plant::Strong,
            lots: None,
            texts: None,
        }
    }
}

/// Why nothing was generated or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The scale is out of range.
    #[error("scale {0} is not between 0.05 and 600; try --scale 1")]
    Scale(f64),
    /// So many lots cannot be made.
    #[error("{0} lots are not between 36 and 1,000,000; try --lots 128")]
    Lots(u32),
    /// A phrase file of this program does not hold what it must.
    #[error("phrases/{language}.toml: {reason}")]
    Phrases {
        /// Language of the file.
        language: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A row could not be kept, read back or written as CSV.
    #[error(
        "cannot write {file} as CSV: {source}; check the room in the folder for temporary files"
    )]
    Csv { file: String, source: csv::Error },
    /// A file could not be written.
    #[error("cannot write {path}: {source}; check that the folder can be written to")]
    Write {
        /// The file or folder.
        path: PathBuf,
        source: std::io::Error,
    },
}

/// The generated exports.
#[derive(Debug)]
pub struct Exports {
    /// The files of the CRM and the ERP.
    pub tables: Vec<Table>,
    /// The truth, for tests only.
    pub truth: Vec<Table>,
    /// Text of the README beside the exports.
    pub readme: String,
    /// True incidents, for tests of planted rates.
    pub incidents: Vec<Incident>,
    /// The business behind the files, for tests of planted rates.
    pub world: World,
    /// Bad lots, as positions in `world.lots.lots` in order; empty where nothing is planted.
    pub bad_lots: Vec<usize>,
    /// How often each trap was set.
    pub traps: Traps,
}

pub fn generate(options: &Options) -> Result<Exports, Error> {
    check(options)?;
    let phrases = Phrases::load()?;
    let seed = options.seed;
    let (world, supply) = business(options);
    let planted = options.plant != Plant::None;
    let bad_lots = planted.then(|| supply.suspect_lots.clone());
    let bad_lots = bad_lots.unwrap_or_default();
    let incidents = incidents_of(options, &world, &bad_lots);
    let mut traps = Traps::default();
    let mut texts = texts(options, &world, &incidents, &bad_lots, &phrases, &mut traps);
    let conflicted = conflicted(&world, &supply.suspect_lots);

    let mut tables = vec![
        people::table(&world.customers),
        people::consents(seed, &world.customers),
        people::sends(seed, &world.customers),
        promotion::offers(options, &world.customers, conflicted),
    ];
    let mut written = texts::tables(&mut texts, &world.customers, &world.lines, &world.lots.lots);
    let truth_texts = written.pop();
    let behaviour = written
        .get(2)
        .map(|posts| behaviour::tables(options, &world, &incidents, &bad_lots, posts));
    tables.extend(written);
    tables.push(promotion::claims());
    tables.extend(catalogue());
    tables.extend(supply.tables(options, &world.lots));
    tables.extend(lots::tables(&world.lots.lots));
    tables.push(shipping::stock(seed, &world.lots));
    tables.push(sales::table(&world.lines, &world.customers));
    tables.push(shipping::table(&world.lines, &world.lots, &world.shipments));
    tables.extend(aftermath::tables(options, &world, &incidents, &bad_lots)?);
    tables.extend(signals::tables(options, &world, &bad_lots));
    tables.extend(behaviour.into_iter().flatten());
    defects::plant(seed, &mut tables)?;

    let places = places(&tables)?;
    let truth: Vec<Table> = truth_texts
        .into_iter()
        .chain([
            truth::bad_lots(&world, &bad_lots),
            truth::suspects(&supply, planted),
            truth::affected(&world, &bad_lots),
            truth::defects(&places),
        ])
        .collect();
    let readme = readme::Story {
        options,
        world: &world,
        supply: &supply,
        bad: &bad_lots,
        incidents: &incidents,
        traps: &traps,
        places: &places,
        conflicted,
        tables: &tables,
    }
    .text();
    Ok(Exports {
        tables,
        truth,
        readme,
        incidents,
        world,
        bad_lots,
        traps,
    })
}

fn check(options: &Options) -> Result<(), Error> {
    if !(0.05..=600.0).contains(&options.scale) {
        return Err(Error::Scale(options.scale));
    }
    match options.lots {
        Some(lots) if !(36..=1_000_000).contains(&lots) => Err(Error::Lots(lots)),
        _ => Ok(()),
    }
}

/// Who bought what, from which lots, and what the lots are made of.
fn business(options: &Options) -> (World, Supply) {
    let (seed, scale) = (options.seed, options.scale);
    let mut customers = people::customers(seed, scale);
    let lines = sales::lines(seed, scale, &mut customers);
    let lots = lots::plan(options, &lines);
    let supply = supply::plan(options, &lots);
    let shipments = shipping::ship(seed, &lines, &lots);
    let world = World {
        customers,
        lines,
        lots,
        shipments,
    };
    (world, supply)
}

fn incidents_of(options: &Options, world: &World, bad_lots: &[usize]) -> Vec<Incident> {
    incidents::draw(
        options,
        &world.lines,
        &world.lots,
        &world.shipments,
        bad_lots,
        &world.customers,
    )
}

/// Where the broken rows end up in the files.
fn places(tables: &[Table]) -> Result<Vec<Place>, Error> {
    let mut places = Vec::new();
    for table in tables {
        let written = table.write(&mut std::io::sink());
        places.extend(written.map_err(unwritten(table))?);
    }
    Ok(places)
}

fn texts(
    options: &Options,
    world: &World,
    incidents: &[Incident],
    bad: &[usize],
    phrases: &Phrases,
    traps: &mut Traps,
) -> Vec<texts::WrittenText> {
    let mut dice = Dice::new(options.seed, Stream::Texts);
    let mut texts = voices::write(world, incidents, phrases, &mut dice, traps);
    let wanted = options
        .texts
        .map(|wanted| wanted as usize - texts.len().min(wanted as usize));
    texts.extend(chatter::buyers(
        world, incidents, wanted, phrases, &mut dice, traps,
    ));
    chatter::duplicates(&mut texts, &mut dice, traps);
    texts.extend(chatter::staff(world, options.scale, phrases, &mut dice));
    if options.plant == Plant::Strong {
        texts.extend(chatter::early_staff(
            world,
            incidents,
            bad,
            options.scale,
            phrases,
            &mut dice,
            traps,
        ));
    }
    texts
}

/// The person with two contradicting offers: the first certain buyer from the period who may be written to by e-mail.
fn conflicted(world: &World, suspect_lots: &[usize]) -> Option<usize> {
    (0..world.lines.len())
        .filter(|p| {
            world.shipments[*p].bin.is_none()
                && world.lots.of_line[*p]
                    .iter()
                    .any(|(l, _)| suspect_lots.binary_search(l).is_ok())
        })
        .filter_map(|p| world.lines[p].customer)
        .find(|c| world.customers[*c].addressable && world.customers[*c].channel == "email")
}

/// erp/products.csv, erp/materials.csv and erp/suppliers.csv.
fn catalogue() -> [Table; 3] {
    let mut products = Table::new(
        "erp",
        "products",
        &[
            "product_id",
            "name",
            "category",
            "list_price",
            "launched_on",
        ],
    );
    for p in &PRODUCTS {
        products.push([
            p.id,
            p.name,
            p.category,
            &cents(p.price * 100),
            &p.launched.to_string(),
        ]);
    }
    let mut materials = Table::new("erp", "materials", &["material_id", "name", "kind"]);
    for (id, name, kind) in MATERIALS {
        materials.push([id, name, kind]);
    }
    let mut suppliers = Table::new("erp", "suppliers", &["supplier_id", "name", "country"]);
    for (id, name, country) in SUPPLIERS {
        suppliers.push([id, name, country]);
    }
    [products, materials, suppliers]
}

fn unwritten(table: &Table) -> impl Fn(csv::Error) -> Error {
    let file = table.file();
    move |source| Error::Csv {
        file: file.clone(),
        source,
    }
}

/// Writes crm/*.csv, erp/*.csv and README.md under a folder, which is made when it is missing.
pub fn write(exports: &Exports, folder: &Path) -> Result<(), Error> {
    for table in &exports.tables {
        put(&folder.join(table.file()), table)?;
    }
    let readme = folder.join("README.md");
    std::fs::write(&readme, &exports.readme).map_err(unput(&readme))
}

/// Writes the truth tables under a folder of their own.
pub fn write_truth(exports: &Exports, folder: &Path) -> Result<(), Error> {
    for table in &exports.truth {
        put(&folder.join(table.file()), table)?;
    }
    Ok(())
}

fn put(path: &Path, table: &Table) -> Result<(), Error> {
    let wrap = unput(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(&wrap)?;
    }
    let mut file = BufWriter::new(File::create(path).map_err(&wrap)?);
    table.write(&mut file).map_err(unwritten(table))?;
    file.flush().map_err(wrap)
}

fn unput(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Write {
        path: path.clone(),
        source,
    }
}
