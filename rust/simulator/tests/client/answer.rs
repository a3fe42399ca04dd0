//! Reading a response that came over the wire.

use super::Answer;
use llm_switch_types::Dialect;
use serde_json::Value;

impl Answer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        lines.filter_map(|line| line.split_once(": ")).find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    pub fn body(&self) -> String {
        String::from_utf8(self.chunks.concat()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body()).unwrap()
    }

    /// The payloads of the events, `[DONE]` included.
    pub fn payloads(&self) -> Vec<String> {
        let body = self.body();
        body.lines().filter_map(|line| line.strip_prefix("data: ")).map(str::to_owned).collect()
    }

    /// The payloads that are JSON.
    pub fn events(&self) -> Vec<Value> {
        self.payloads().iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
    }

    /// The types of the events, those in a row of the same type told once.
    pub fn types(&self) -> Vec<String> {
        let kind = |e: &Value| e["type"].as_str().unwrap_or_default().to_owned();
        let mut types: Vec<String> = self.events().iter().map(kind).collect();
        types.dedup();
        types
    }

    /// The lines that are JSON.
    pub fn lines(&self) -> Vec<Value> {
        self.body().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// What stands at `pointer` in each event or line, joined.
    pub fn joined(&self, pointer: &str) -> String {
        let values = if self.body().starts_with('{') { self.lines() } else { self.events() };
        values.iter().filter_map(|v| v.pointer(pointer)?.as_str()).collect()
    }

    /// The text of a stream in `dialect`.
    pub fn text_in(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::OpenaiChat => self.text(),
            Dialect::OpenaiResponses => {
                let deltas = self.events().into_iter();
                let text = deltas.filter(|e| e["type"] == "response.output_text.delta");
                text.filter_map(|e| e["delta"].as_str().map(str::to_owned)).collect()
            }
            Dialect::Anthropic => self.joined("/delta/text"),
            Dialect::Ollama => self.joined("/message/content"),
            Dialect::Gemini => {
                let parts = self
                    .events()
                    .into_iter()
                    .map(|e| e["candidates"][0]["content"]["parts"][0].clone());
                let said = parts.filter(|part| part["thought"] != true);
                said.filter_map(|part| part["text"].as_str().map(str::to_owned)).collect()
            }
        }
    }

    /// The deltas' content, joined.
    pub fn text(&self) -> String {
        let content = |e: &Value| e["choices"][0]["delta"]["content"].as_str().map(str::to_owned);
        self.events().iter().filter_map(content).collect()
    }

    /// Whether the stream says itself that it is complete.
    pub fn is_done(&self) -> bool {
        self.payloads().last().is_some_and(|last| last == "[DONE]")
    }

    /// The reason that the model gave for stopping.
    pub fn finish_reason(&self) -> Option<String> {
        let reason = |e: &Value| e["choices"][0]["finish_reason"].as_str().map(str::to_owned);
        self.events().iter().find_map(reason)
    }

    /// The usage, where the stream has it.
    pub fn usage(&self) -> Option<Value> {
        self.events().iter().map(|event| event["usage"].clone()).find(|usage| usage.is_object())
    }
}
