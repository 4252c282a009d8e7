//! What is kept of a subject: its diary when its life is over, a checkpoint between two stretches before that.

use std::path::{Path, PathBuf};

use plastica_engine::simulation::Checkpoint;
use plastica_record::checkpoint;
use serde_json::json;

use super::diary::Diary;
use super::life::Life;
use crate::run::Failure;

/// Folder of the subjects within a run.
pub const SUBJECTS: &str = "subjects";

/// The files of one subject.
#[derive(Clone, Debug)]
pub struct Kept {
    folder: PathBuf,
    name: String,
}

impl Kept {
    /// The files of a subject in the folder of a run.
    pub fn new(run: &Path, group: &str, number: u32) -> Kept {
        Kept { folder: run.join(SUBJECTS), name: format!("{group}-{number}") }
    }

    fn diary_path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }

    /// Is the life over?
    pub fn is_done(&self) -> bool {
        self.diary_path().exists()
    }

    /// The latest checkpoint.
    pub fn checkpoint_path(&self) -> PathBuf {
        self.folder.join(format!("{}.plastica", self.name))
    }

    /// The checkpoint of the beginning of a day.
    pub fn day_path(&self, day: u32) -> PathBuf {
        self.folder.join(format!("{}-day-{day}.plastica", self.name))
    }

    /// The state of another subject with which this one begins.
    pub fn begin_path(&self) -> PathBuf {
        self.folder.join(format!("{}-begin.plastica", self.name))
    }

    /// The diary of a life that is over.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn diary(&self) -> Result<Option<Diary>, Failure> {
        let path = self.diary_path();
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|e| Failure::Folder(format!("{} is damaged: {e}", path.display())))
    }

    /// Keeps the diary of a life that is over, and drops its checkpoints.
    ///
    /// # Errors
    /// The disk is full or the folder gone.
    pub fn finish(&self, diary: &Diary) -> Result<(), Failure> {
        let text = serde_json::to_string(diary).unwrap_or_default();
        plastica_record::write_whole(&self.diary_path(), text.as_bytes())?;
        let _ = std::fs::remove_file(self.checkpoint_path());
        let _ = std::fs::remove_file(self.begin_path());
        Ok(())
    }

    /// Saves a life between two stretches.
    ///
    /// # Errors
    /// The disk is full or the folder gone; the last checkpoint is then still there.
    pub fn save(&self, path: &Path, life: &mut Life<'_>) -> Result<(), Failure> {
        let state = life.simulation.checkpoint();
        let header = json!({
            "version": crate::VERSION,
            "step": state.step,
            "next": life.next,
            "levels": life.levels,
            "conditions": life.conditions.kept(),
            "memories": life.loops.iter().map(|l| l.task.memory()).collect::<Vec<_>>(),
            "earlier": life.measures.iter().map(|m| m.earlier().to_vec()).collect::<Vec<_>>(),
            "diary": life.diary,
        });
        Ok(checkpoint::save(path, &header, &state.arrays)?)
    }

    /// Sets a life, as it was built, to where the checkpoint stands; false if there is none.
    ///
    /// # Errors
    /// The checkpoint is damaged, or of another circuit.
    pub fn load(&self, path: &Path, life: &mut Life<'_>) -> Result<bool, Failure> {
        if !path.exists() {
            return Ok(false);
        }
        let (header, arrays) = checkpoint::load(path)?;
        let damaged = |what: &str| Failure::Folder(format!("{} is damaged: its {what} cannot be read", path.display()));
        fn part<T: serde::de::DeserializeOwned>(header: &serde_json::Value, key: &str) -> Option<T> {
            serde_json::from_value(header[key].clone()).ok()
        }
        let step = header["step"].as_i64().ok_or_else(|| damaged("step"))?;
        life.simulation.restore(&Checkpoint { step, arrays }).map_err(|e| Failure::Run(e.to_string()))?;
        life.next = part(&header, "next").ok_or_else(|| damaged("place"))?;
        life.levels = part(&header, "levels").ok_or_else(|| damaged("levels"))?;
        life.diary = part(&header, "diary").ok_or_else(|| damaged("diary"))?;
        let conditions = part(&header, "conditions").ok_or_else(|| damaged("conditions"))?;
        life.conditions.go_on(conditions).ok_or_else(|| damaged("conditions"))?;
        let memories: Vec<Vec<f64>> = part(&header, "memories").ok_or_else(|| damaged("memories"))?;
        let earlier: Vec<Vec<f64>> = part(&header, "earlier").ok_or_else(|| damaged("measures"))?;
        if memories.len() != life.loops.len() || earlier.len() != life.measures.len() || life.next > life.stretches.len() {
            return Err(damaged("length"));
        }
        life.loops.iter_mut().zip(&memories).for_each(|(l, memory)| l.task.remember(memory));
        life.measures.iter_mut().zip(earlier).for_each(|(m, earlier)| m.set_earlier(earlier));
        Ok(true)
    }
}
