//! The command line, defined once: parsing, `--help`, the manual page and shell completions come from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Simulates how a nervous system learns: circuits, plasticity rules as equations, and what they live through.
#[derive(Debug, Parser)]
#[command(name = "plastica", version, max_term_width = 80, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run an experiment, by name or from a file.
    Run(Run),
    /// Check a model or an experiment without running it, and explain how it will be computed.
    Check {
        /// A file, or the name of a model or experiment of the library.
        what: String,
        #[command(flatten)]
        place: Place,
    },
    /// Run every experiment of the library and hold it against published numbers.
    Atlas(Atlas),
    /// List the experiments of the library, by the claim that they test, and its
    /// models.
    List {
        /// Only what has this word: a claim (C9), a number (E09), a kind (neurons,
        /// synapses, experiments), or a part of a name or description.
        what: Option<String>,
        #[command(flatten)]
        place: Place,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Show the text of a model or an experiment, or the timeline of a study.
    Show {
        /// A file, or the name of a model or experiment of the library.
        what: String,
        #[command(flatten)]
        place: Place,
        /// Print the compiled kernels instead of the text.
        #[arg(long)]
        kernels: bool,
        /// Print the text of a study instead of its timeline.
        #[arg(long, conflicts_with = "kernels")]
        text: bool,
    },
    /// Make report.html again from a finished run.
    Report {
        /// Folder of a run.
        run: PathBuf,
    },
    /// Go on with a run that was interrupted, bit for bit.
    Resume {
        /// Folder of a run.
        run: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Start another future from the past of a study's run.
    Branch {
        /// Folder of a run.
        run: PathBuf,
        /// When: "day 3", "day 3 22:00", or a time since the start such as "36 h".
        #[arg(long, value_name = "MOMENT")]
        at: String,
        /// A text that is laid over that of the run: other programmes, blocks, states, parameters.
        #[arg(long, value_name = "FILE")]
        with: PathBuf,
        /// Folder for the results [default: runs/NAME-branch-1, -2, ...].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        how: How,
    },
    /// Run a study with its accelerations and without, and compare.
    Audit {
        /// A file, or the name of an experiment of the library.
        what: String,
        /// Subjects of each group.
        #[arg(long, value_name = "N", default_value_t = 2)]
        subjects: u32,
        #[command(flatten)]
        run: Again,
    },
    /// Make the calibrations of a study again, each on its one number.
    Calibrate {
        /// A file, or the name of an experiment of the library.
        what: String,
        #[command(flatten)]
        run: Again,
    },
    /// Run a study over values of two constants, and show where its rows hold.
    Sweep {
        /// A file, or the name of an experiment of the library.
        what: String,
        /// Which of its [sweep.NAME].
        name: String,
        #[command(flatten)]
        run: Again,
    },
    /// Measure how fast a circuit runs; writes no folder.
    Bench(Bench),
    /// Print the manual page (roff).
    #[command(hide = true)]
    Man,
    /// Print shell completions.
    Completions {
        /// Shell to complete for.
        shell: clap_complete::Shell,
    },
}

/// `plastica run`.
#[derive(Debug, Args)]
pub struct Run {
    /// A file, or the name of an experiment of the library.
    pub what: String,
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub how: How,
    /// Seed of all random numbers, instead of the file's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Folder for the results [default: runs/NAME-1, -2, ...].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The full size of a published study, where the file has a quick and a full one.
    #[arg(long)]
    pub full: bool,
    /// A study without something: the name of one of its [without.NAME], such as ltd (repeatable).
    #[arg(long, value_name = "NAME")]
    pub without: Vec<String>,
    /// A study without the accelerations that it declares (slow).
    #[arg(long)]
    pub exact: bool,
    /// Another value of a key of the file, such as projection.chain.parameters.eta=2 (repeatable).
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// One subject of a study alone, such as imagery:3.
    #[arg(long, value_name = "GROUP:N", value_parser = subject)]
    pub subject: Option<(String, u32)>,
}

/// `plastica atlas`.
#[derive(Debug, Args)]
#[command(after_help = "A run that was interrupted goes on with the same --out, or with `plastica resume`.")]
pub struct Atlas {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub how: How,
    /// The full size of each experiment that has one (hours).
    #[arg(long)]
    pub full: bool,
    /// Only these: names of experiments, numbers and claims, such as
    /// tagging,E09,C9.
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Seed of all experiments, instead of their own.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Folder for the results; what is finished there is not run again [default:
    /// runs/atlas-1, -2, ...].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `plastica bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// A file, or the name of an experiment of the library; all workloads if left out.
    pub what: Option<String>,
    #[command(flatten)]
    pub place: Place,
    /// Threads.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    pub threads: usize,
    /// Simulated seconds, instead of the file's.
    #[arg(long, value_name = "S")]
    pub seconds: Option<f64>,
    /// Simulated seconds before the measurement.
    #[arg(long, value_name = "S", default_value_t = 0.0)]
    pub warmup: f64,
    /// Multiplies the numbers of neurons; the sources of each stay as many.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub scale: f64,
    /// Seed of all random numbers, instead of the file's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Also the irregularity of spikes (costs a little time).
    #[arg(long)]
    pub check: bool,
    /// Print one JSON object for each workload, on a line of its own.
    #[arg(long)]
    pub json: bool,
}

/// A command that runs a study several times.
#[derive(Args, Debug)]
pub struct Again {
    #[command(flatten)]
    pub place: Place,
    #[command(flatten)]
    pub how: How,
    /// Seed of all random numbers, instead of the file's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Another value of a key of the file (repeatable).
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Folder for the results [default: in runs/].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Where models and experiments are looked for.
#[derive(Args, Debug)]
pub struct Place {
    /// Folder searched before the library (repeatable).
    #[arg(long = "path", value_name = "DIR")]
    pub path: Vec<PathBuf>,
}

/// How a simulation is carried out and told of.
#[derive(Args, Debug)]
pub struct How {
    /// Threads; the results do not depend on it [default and most useful: one for each core].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub threads: Option<usize>,
    /// No progress bar and no table.
    #[arg(long, short)]
    pub quiet: bool,
    /// Print one JSON object on standard output, and nothing else there.
    #[arg(long)]
    pub json: bool,
}

fn subject(text: &str) -> Result<(String, u32), String> {
    let (group, number) = text.rsplit_once(':').ok_or("write the name of the group, a colon and the number of the subject")?;
    let number = number.parse().ok().filter(|n| *n > 0).ok_or("subjects are numbered from 1")?;
    Ok((group.into(), number))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("there must be at least one".into()),
        Ok(n) => Ok(n),
        Err(_) => Err("this is no whole number".into()),
    }
}
