//! Notices that a server was started anew in the middle of a call.

use crate::connection::{Broken, Connection};
use crate::{Era, Launch};
use rmcp::model::{ClientRequest, ErrorData, PingRequest};
use rmcp::service::ServiceError;
use std::{convert::Infallible, time::Duration};
use tokio::time::sleep;

/// How often a server is asked whether it is still the same.
const BEAT: Duration = Duration::from_secs(3);

/// What rmcp says of a call whose server began anew meanwhile.
const BEGUN_ANEW: &str = "session was re-initialized before the response arrived";

/// Ask the server behind CONNECTION for signs of life while this is polled.
///
/// Over HTTP the older era says nothing of its own when a server goes away: the
/// answer to a call then never comes. One that was started anew does not know
/// the session of the question, which rmcp notices; one that is away does not
/// answer. In the newer era and over pipes the connection itself breaks.
pub(crate) async fn beat(connection: &Connection, launch: &Launch) -> Infallible {
    let tells = matches!(launch, Launch::Stdio { .. }) || connection.info.era == Era::Discover;
    if tells {
        return std::future::pending().await;
    }
    loop {
        sleep(BEAT).await;
        let ping = ClientRequest::PingRequest(PingRequest::default());
        let answer = connection.run.peer().send_request(ping).await;
        if let Err(ServiceError::TransportClosed | ServiceError::TransportSend(_)) = answer {
            connection.broken.send_replace(Some(Broken::Transport));
            return std::future::pending().await;
        }
    }
}

/// Whether DATA is rmcp's word for a server that began anew.
pub(crate) fn says_begun_anew(data: &ErrorData) -> bool {
    data.message.contains(BEGUN_ANEW)
}
