#![no_main]

use llm_switch_types::Dialect;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| llm_switch_fuzz::decode(
    Dialect::OpenaiResponses,
    bytes
));
