//! The imports `http` and `mail`: the grant is looked up, the secret added, the answer redacted.

use tsugi_core::channel::Secret;
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use super::failure::{may_have_arrived, not_sent};
use super::redact::{redact, redact_error, redact_response};
use super::{http, mail};
use crate::boundary::wire::{HttpRequest, HttpResponse, MailMessage, PluginError, Recovery};
use crate::contract::interface;
use crate::gate::{HttpAttempt, MailAttempt, SendOutcome};
use crate::grants::Granted;
use crate::instance::breach::Breach;
use crate::instance::state::State;

type Cx<'a> = StoreContextMut<'a, State>;
/// What an import returns to the guest.
type Returned<T> = (std::result::Result<T, PluginError>,);

pub(super) fn add_to_linker(linker: &mut Linker<State>, hosted: bool) -> Result<()> {
    let mut instance = linker.instance(&interface("http"))?;
    if hosted {
        instance.func_wrap_async("send", |cx: Cx, (name, request): (String, HttpRequest)| {
            Box::new(send_http(cx, name, request))
        })?;
    } else {
        instance.func_wrap(
            "send",
            |mut cx: Cx, (name, _): (String, HttpRequest)| -> Result<Returned<HttpResponse>> {
                Err(cx.data_mut().deny("http", &name))
            },
        )?;
    }
    let mut instance = linker.instance(&interface("mail"))?;
    if hosted {
        instance.func_wrap_async("send", |cx: Cx, (name, message): (String, MailMessage)| {
            Box::new(send_mail(cx, name, message))
        })
    } else {
        instance.func_wrap(
            "send",
            |mut cx: Cx, (name, _): (String, MailMessage)| -> Result<Returned<String>> {
                Err(cx.data_mut().deny("mail", &name))
            },
        )
    }
}

async fn send_http(
    mut cx: Cx<'_>,
    name: String,
    request: HttpRequest,
) -> Result<Returned<HttpResponse>> {
    let (grant, secret, dry_run) = granted(cx.data_mut(), "http", &name, |granted| {
        granted.http.get(&name).cloned()
    })?;
    let gate = cx.data().access.gate.clone();
    let mut rows = Vec::new();
    if let Some(gate) = &gate {
        let passed =
            http::is_granted_address(&grant, &request.url).and_then(|is_granted_address| {
                let attempt = HttpAttempt {
                    name: &name,
                    is_granted_address,
                    headers: &request.headers,
                    body: &request.body,
                };
                gate.http(&attempt).map_err(not_approved)
            });
        match passed {
            Ok(passed) => rows = passed,
            Err(error) => return Ok((Err(error),)),
        }
        // Known before the answer: a call that is dropped half way leaves it so.
        gate.settle(&rows, &SendOutcome::Unknown("no answer came".to_owned()));
    }
    let cancel = cx.data().cancel.clone();
    // A safe method (RFC 9110, 9.2.1) may be abandoned. For any other the result must be known,
    // because it may have arrived.
    let is_safe = ["GET", "HEAD"].contains(&request.method.as_str());
    let sent = http::send(&grant, secret.as_ref(), request, dry_run);
    let answer = tokio::select! {
        answer = sent => answer,
        () = cancel.cancelled(), if is_safe => {
            return Err(cx.data_mut().stop(Breach::Cancelled));
        }
    };
    if let Some(gate) = &gate {
        gate.settle(&rows, &http_outcome(&answer));
    }
    let clean = match answer {
        Ok(response) => Ok(redact_response(response, secret.as_ref())),
        Err(error) => Err(redact_error(error, secret.as_ref())),
    };
    Ok((clean,))
}

async fn send_mail(mut cx: Cx<'_>, name: String, message: MailMessage) -> Result<Returned<String>> {
    let (grant, secret, dry_run) = granted(cx.data_mut(), "mail", &name, |granted| {
        granted.mail.get(&name).cloned()
    })?;
    let gate = cx.data().access.gate.clone();
    let mut rows = Vec::new();
    if let Some(gate) = &gate {
        let attempt = MailAttempt {
            to: &message.to,
            subject: &message.subject,
            text: &message.text,
            headers: &message.headers,
        };
        match gate.mail(&attempt) {
            Ok(passed) => rows = passed,
            Err(why) => return Ok((Err(not_approved(why)),)),
        }
        gate.settle(&rows, &SendOutcome::Unknown("no reply came".to_owned()));
    }
    let answer = mail::send(&grant, secret.as_ref(), &message, dry_run).await;
    let clean = match answer {
        Ok(reply) => Ok(redact(reply, secret.as_ref())),
        Err(error) => Err(redact_error(error, secret.as_ref())),
    };
    if let Some(gate) = &gate {
        let outcome = match &clean {
            Ok(reply) => SendOutcome::Accepted(reply.clone()),
            Err(error) => error_outcome(error),
        };
        gate.settle(&rows, &outcome);
    }
    Ok((clean,))
}

/// The error for what is no approved row of the batch in hand.
fn not_approved(why: String) -> PluginError {
    not_sent(Recovery::FixConfig, "not-approved", why)
}

/// What an answer says of the rows in its request. A status that leaves open whether the request was
/// processed is unknown.
fn http_outcome(answer: &std::result::Result<HttpResponse, PluginError>) -> SendOutcome {
    match answer {
        Ok(response) => {
            let words = format!("the address answered {}", response.status);
            match response.status {
                200..=299 => SendOutcome::Accepted(words),
                408 | 425 | 500..=599 => SendOutcome::Unknown(words),
                _ => SendOutcome::NotSent,
            }
        }
        Err(error) => error_outcome(error),
    }
}

fn error_outcome(error: &PluginError) -> SendOutcome {
    match may_have_arrived(error) {
        true => SendOutcome::Unknown(error.message.clone()),
        false => SendOutcome::NotSent,
    }
}

/// A grant with its secret, and whether this is a dry run; without a grant the guest is stopped.
fn granted<G>(
    state: &mut State,
    kind: &'static str,
    name: &str,
    grant: impl Fn(&Granted) -> Option<G>,
) -> Result<(G, Option<Secret>, bool)> {
    let access = &mut state.access;
    let Some(grant) = grant(&access.granted) else {
        return Err(state.deny(kind, name));
    };
    let secret = match &access.secrets {
        Ok(secrets) => Ok(secrets.get(&(kind, name.to_owned())).cloned()),
        Err(error) => Err(Breach::Secret(Box::new(error.clone()))),
    };
    match access.count_send().and(secret) {
        Ok(secret) => Ok((grant, secret, access.granted.dry_run)),
        Err(breach) => Err(state.stop(breach)),
    }
}
