//! What the ledger holds, as rows for reports.

use crate::{Outcome, RequestKey};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer, value};

/// A request with its attempts. Times are Unix milliseconds (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RequestRow {
    /// Its name.
    pub key: RequestKey,
    /// When the user asked.
    pub started_ms: i64,
    /// When it ended; of a crashed one, when that was found.
    pub ended_ms: Option<i64>,
    /// Why.
    pub purpose: Purpose,
    /// The program that asked.
    pub client: String,
    /// The project it was asked for.
    pub project: Option<String>,
    /// The route it was asked of.
    pub route: Option<String>,
    /// The model as the user named it.
    pub requested: String,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// Its attempts, first one first.
    pub attempts: Vec<AttemptRow>,
}

/// One upstream call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AttemptRow {
    /// Which one of its request, from 1.
    pub number: u32,
    /// The provider's name.
    pub provider: String,
    /// The account's name.
    pub account: String,
    /// The model's name as it was sent.
    pub sent_model: String,
    /// The model that the service said it served.
    pub served_model: Option<String>,
    /// Who paid.
    pub payer: Payer,
    /// When it was sent, in Unix milliseconds (UTC).
    pub started_ms: i64,
    /// Milliseconds from then to the first visible piece of the answer.
    pub first_token_ms: Option<i64>,
    /// When it ended, in Unix milliseconds (UTC).
    pub ended_ms: Option<i64>,
    /// The status of the reply, where there was one.
    pub http_status: Option<u16>,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// What it used; while it is open, what is known so far.
    pub usage: Usage,
    /// What it cost; `None` while it is open.
    pub cost: Option<Cost>,
    /// What our prices say, in pico-dollars, where the cost is the service's
    /// own figure and there is a price.
    pub computed: Option<Money>,
    /// Bytes of text that were sent; `None` of attempts from before this was
    /// recorded.
    pub sent_bytes: Option<u64>,
}

/// The request with KEY, if there is one.
pub(crate) fn request(connection: &Connection, key: RequestKey) -> Result<Option<RequestRow>> {
    let sql = "SELECT r.id, r.started, r.ended, purpose.name, client.name, project.name,
                      route.name, model.name, r.outcome
                 FROM request r
                 JOIN purpose ON purpose.id = r.purpose
                 JOIN client ON client.id = r.client
                 JOIN model ON model.id = r.model
                 LEFT JOIN project ON project.id = r.project
                 LEFT JOIN route ON route.id = r.route
                WHERE r.id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([key.0], read_request).optional()?;
    let with_attempts = |row| Ok(RequestRow { attempts: attempts(connection, key)?, ..row });
    found.map(with_attempts).transpose()
}

fn read_request(row: &Row) -> Result<RequestRow> {
    Ok(RequestRow {
        key: RequestKey(row.get(0)?),
        started_ms: row.get(1)?,
        ended_ms: row.get(2)?,
        purpose: word(row, 3)?,
        client: row.get(4)?,
        project: row.get(5)?,
        route: row.get(6)?,
        requested: row.get(7)?,
        outcome: optional_word(row, 8)?,
        attempts: Vec::new(),
    })
}

fn attempts(connection: &Connection, request: RequestKey) -> Result<Vec<AttemptRow>> {
    let sql = "SELECT a.number, provider.name, account.name, sent.name, served.name, a.payer,
                      a.started, a.first_token, a.ended, a.http_status, a.outcome,
                      a.input, a.cache_read, a.cache_write_5m, a.cache_write_1h,
                      a.output, a.reasoning, a.fees_pico, a.cost_pico, a.basis, price.name,
                      a.audio_input, a.audio_output, a.searches, a.computed_pico, a.sent_bytes
                 FROM attempt a
                 JOIN provider ON provider.id = a.provider
                 JOIN account ON account.id = a.account
                 JOIN model sent ON sent.id = a.sent
                 LEFT JOIN model served ON served.id = a.served
                 LEFT JOIN price ON price.id = a.price
                WHERE a.request = ?1 ORDER BY a.number";
    connection.prepare_cached(sql)?.query_map([request.0], read_attempt)?.collect()
}

fn read_attempt(row: &Row) -> Result<AttemptRow> {
    Ok(AttemptRow {
        number: row.get(0)?,
        provider: row.get(1)?,
        account: row.get(2)?,
        sent_model: row.get(3)?,
        served_model: row.get(4)?,
        payer: word(row, 5)?,
        started_ms: row.get(6)?,
        first_token_ms: row.get(7)?,
        ended_ms: row.get(8)?,
        http_status: row.get(9)?,
        outcome: optional_word(row, 10)?,
        usage: Usage {
            input: row.get(11)?,
            cache_read: row.get(12)?,
            cache_write_5m: row.get(13)?,
            cache_write_1h: row.get(14)?,
            output: row.get(15)?,
            reasoning: row.get(16)?,
            fees: Money::from_pico(row.get(17)?),
            audio_input: row.get(21)?,
            audio_output: row.get(22)?,
            searches: row.get(23)?,
        },
        cost: read_cost(row, 18)?,
        computed: row.get::<_, Option<i64>>(24)?.map(Money::from_pico),
        sent_bytes: row.get(25)?,
    })
}

/// The amount, basis and price in the columns from FIRST on.
fn read_cost(row: &Row, first: usize) -> Result<Option<Cost>> {
    let amount: Option<i64> = row.get(first)?;
    let basis: Option<Basis> = optional_word(row, first + 1)?;
    let price = row.get(first + 2)?;
    Ok(basis.map(|basis| Cost { amount: amount.map(Money::from_pico), basis, price }))
}

fn word<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T> {
    let text: String = row.get(column)?;
    let read: std::result::Result<T, value::Error> = T::deserialize(text.into_deserializer());
    read.map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn optional_word<T: DeserializeOwned>(row: &Row, column: usize) -> Result<Option<T>> {
    match row.get_ref(column)?.data_type() {
        Type::Null => Ok(None),
        _ => word(row, column).map(Some),
    }
}
