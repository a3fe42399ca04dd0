//! A home and a project with the files of other programs in them.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_config::mcp::{McpFiles, read_mcp_files};
use llm_switch_types::ErrorKind;
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A home and a project in it, which is `engine`.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("engine/.vscode")).unwrap();
        Place { folder }
    }

    /// With the three files as the tools' own documents show them.
    pub fn with_fixtures() -> Place {
        let place = Place::new();
        let claude = include_str!("../../../../test/fixtures/mcp/claude.json");
        let folder = place.project().display().to_string();
        place.write(".claude.json", claude.replace("/home/ada/engine", &folder));
        place.write("engine/.mcp.json", include_str!("../../../../test/fixtures/mcp/mcp.json"));
        let vs_code = include_str!("../../../../test/fixtures/mcp/vscode.json");
        place.write("engine/.vscode/mcp.json", vs_code);
        place
    }

    pub fn project(&self) -> PathBuf {
        self.folder.path().join("engine")
    }

    pub fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    pub fn read(&self) -> McpFiles {
        self.read_with(&Config::default())
    }

    pub fn read_with(&self, config: &Config) -> McpFiles {
        read_mcp_files(config, Some(&self.project()), Some(self.folder.path()))
    }

    /// What is wrong, with the last part of the file's name before it.
    pub fn problems(&self) -> Vec<String> {
        let told = |error: llm_switch_types::Error| {
            assert_eq!(error.kind, ErrorKind::Config);
            let folder = format!("{}/", self.folder.path().display());
            format!("{}: {}", error.place.unwrap(), error.what).replace(&folder, "")
        };
        self.read().problems.into_iter().map(told).collect()
    }
}

/// What reading `.mcp.json` with TEXT tells.
pub fn told(text: &str) -> Vec<String> {
    let place = Place::new();
    place.write("engine/.mcp.json", text);
    place.problems()
}
