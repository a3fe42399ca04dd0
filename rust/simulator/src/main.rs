//! The simulator as a process: for tests in other languages, and for demos.

use llm_switch_simulator::{SCRIPTS, Simulator};
use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
    thread,
};

const USAGE: &str = "\
usage: llm-switch-simulator [--port PORT] [--key-in VARIABLE] [--plays MODEL=SCRIPT]… [--until-eof]
       llm-switch-simulator --list

  --port PORT   listen on PORT of 127.0.0.1 (0, the default: any free one)
  --key-in VARIABLE
                demand the key that this environment variable holds, in the header
                that each dialect has for it; everybody can read arguments
  --plays MODEL=SCRIPT
                let MODEL, a name of your own, play SCRIPT
  --until-eof   end when standard input ends, so that a dead parent ends it
  --list        print the scripts that a model's name can select
";

#[derive(Default)]
struct Options {
    port: u16,
    key: Option<String>,
    plays: Vec<(String, String)>,
    until_eof: bool,
    list: bool,
}

fn main() -> ExitCode {
    match options(std::env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when this fails too.
            let _ = writeln!(io::stderr(), "llm-switch-simulator: {error}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
        match name.as_str() {
            "--port" => options.port = value()?.parse()?,
            "--key-in" => options.key = Some(std::env::var(value()?)?),
            "--plays" => options.plays.push(pair(&value()?)?),
            "--until-eof" => options.until_eof = true,
            "--list" => options.list = true,
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    Ok(options)
}

fn pair(text: &str) -> Result<(String, String), Box<dyn Error>> {
    let (model, script) = text.split_once('=').ok_or("--plays needs MODEL=SCRIPT")?;
    Ok((model.to_owned(), script.to_owned()))
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    if options.list {
        return list();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut builder = Simulator::builder().port(options.port);
    if let Some(key) = &options.key {
        builder = builder.key(key);
    }
    for (model, script) in &options.plays {
        builder = builder.plays(model, script);
    }
    let simulator = runtime.block_on(builder.start())?;
    writeln!(io::stdout(), "listening on {}", simulator.base_url())?;
    wait(options.until_eof)
}

/// Waits for the end. SIGTERM needs no handler: there is nothing to save.
fn wait(until_eof: bool) -> Result<(), Box<dyn Error>> {
    if until_eof {
        io::copy(&mut io::stdin().lock(), &mut io::sink())?;
        return Ok(());
    }
    loop {
        thread::park();
    }
}

fn list() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for script in SCRIPTS {
        writeln!(out, "{}\n    {}", script.form, script.about)?;
    }
    Ok(())
}
