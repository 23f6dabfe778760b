//! The imports `http` and `mail`: who may use them, and the secrets that the host adds.
//!
//! A secret is read when a reader or a writer is opened, lives in the host's memory only, and is
//! blotted out of everything that comes back before a guest or a person sees it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use super::error::SandboxError;
use super::flow::{HttpRequest, HttpResponse, MailMessage};
use super::reach::{Granted, deny};
use super::state::{Breach, State};
use super::wire::{PluginError, Recovery};
use super::{http, mail};
use tsugi_core::channel::Secret;

type Cx<'a> = StoreContextMut<'a, State>;
type Answer<T> = (std::result::Result<T, PluginError>,);

/// What stands where a secret was.
const BLOT: &str = "[secret]";

/// The secrets of one reader or writer, by kind and name of their want.
pub(super) type Secrets = std::collections::BTreeMap<(&'static str, String), Secret>;

/// Reads every secret that a grant names.
pub(super) fn secrets(
    plugin: &str,
    granted: &Granted,
) -> std::result::Result<Secrets, SandboxError> {
    let http = granted.http.iter().filter_map(|(name, grant)| {
        let secret = grant.secret.as_ref()?;
        Some(("http", name, &secret.source))
    });
    let mail = granted.mail.iter().filter_map(|(name, grant)| {
        let (_, source) = grant.login.as_ref()?;
        Some(("mail", name, source))
    });
    http.chain(mail)
        .map(|(kind, name, source)| {
            let secret = source.read().map_err(|why| SandboxError::Secret {
                plugin: plugin.to_owned(),
                want: format!("{kind}.{name}"),
                place: source.to_string(),
                why,
            })?;
            Ok(((kind, name.clone()), secret))
        })
        .collect()
}

/// Defines the imports.
pub(super) fn add_to_linker(linker: &mut Linker<State>, hosted: bool) -> Result<()> {
    let mut instance = linker.instance(&super::hosted::named("http"))?;
    if hosted {
        instance.func_wrap_async("send", |cx: Cx, (name, request): (String, HttpRequest)| {
            Box::new(send_http(cx, name, request))
        })?;
    } else {
        instance.func_wrap(
            "send",
            |mut cx: Cx, (name, _): (String, HttpRequest)| -> Result<Answer<HttpResponse>> {
                Err(deny(cx.data_mut(), "http", &name))
            },
        )?;
    }
    let mut instance = linker.instance(&super::hosted::named("mail"))?;
    if hosted {
        instance.func_wrap_async("send", |cx: Cx, (name, message): (String, MailMessage)| {
            Box::new(send_mail(cx, name, message))
        })
    } else {
        instance.func_wrap(
            "send",
            |mut cx: Cx, (name, _): (String, MailMessage)| -> Result<Answer<String>> {
                Err(deny(cx.data_mut(), "mail", &name))
            },
        )
    }
}

async fn send_http(
    mut cx: Cx<'_>,
    name: String,
    request: HttpRequest,
) -> Result<Answer<HttpResponse>> {
    let (grant, secret, dry_run) = granted(cx.data_mut(), "http", &name, |granted| {
        granted.http.get(&name).cloned()
    })?;
    let cancel = cx.data().cancel.clone();
    // What only asks may be left in the middle (RFC 9110, 9.2.1, safe methods). Of anything else
    // somebody must learn whether it arrived.
    let asks = ["GET", "HEAD"].contains(&request.method.as_str());
    let sent = http::send(&grant, secret.as_ref(), request, dry_run);
    let answer = tokio::select! {
        answer = sent => answer,
        () = cancel.cancelled(), if asks => {
            cx.data_mut().breach = Some(Breach::Cancelled);
            return Err(wasmtime::Error::msg("cancelled"));
        }
    };
    let clean = match answer {
        Ok(response) => Ok(blotted_response(response, secret.as_ref())),
        Err(error) => Err(blotted(error, secret.as_ref())),
    };
    Ok((clean,))
}

async fn send_mail(mut cx: Cx<'_>, name: String, message: MailMessage) -> Result<Answer<String>> {
    let (grant, secret, dry_run) = granted(cx.data_mut(), "mail", &name, |granted| {
        granted.mail.get(&name).cloned()
    })?;
    let answer = mail::send(&grant, secret.as_ref(), &message, dry_run).await;
    let clean = match answer {
        Ok(reply) => Ok(blot(reply, secret.as_ref())),
        Err(error) => Err(blotted(error, secret.as_ref())),
    };
    Ok((clean,))
}

/// A grant with its secret, and whether this is a dry run; or the guest is stopped.
fn granted<G>(
    state: &mut State,
    kind: &'static str,
    name: &str,
    grant: impl Fn(&Granted) -> Option<G>,
) -> Result<(G, Option<Secret>, bool)> {
    let reach = state.reach.as_mut();
    let Some((reach, grant)) = reach.and_then(|reach| grant(&reach.granted).map(|g| (reach, g)))
    else {
        return Err(deny(state, kind, name));
    };
    let secret = match &reach.secrets {
        Ok(secrets) => Ok(secrets.get(&(kind, name.to_owned())).cloned()),
        Err(error) => Err(Breach::Secret(Box::new(error.clone()))),
    };
    match reach.send().and(secret) {
        Ok(secret) => Ok((grant, secret, reach.granted.dry_run)),
        Err(breach) => {
            state.breach = Some(breach);
            Err(wasmtime::Error::msg("nothing is sent"))
        }
    }
}

/// In a dry run everything is checked and nothing leaves.
pub(super) fn dry() -> PluginError {
    let message = "a dry run sends nothing".to_owned();
    super::address::failed(Recovery::GiveUp, "dry-run", message, false)
}

/// The forms in which a server may give a secret back.
fn forms(secret: &Secret) -> [String; 2] {
    let plain = secret.reveal().to_owned();
    let encoded = STANDARD.encode(&plain);
    [plain, encoded]
}

fn blot(text: String, secret: Option<&Secret>) -> String {
    let Some(secret) = secret else {
        return text;
    };
    forms(secret)
        .iter()
        .fold(text, |text, form| text.replace(form.as_str(), BLOT))
}

fn blotted(error: PluginError, secret: Option<&Secret>) -> PluginError {
    PluginError {
        message: blot(error.message, secret),
        detail: error.detail.map(|detail| blot(detail, secret)),
        at: error.at.map(|at| blot(at, secret)),
        ..error
    }
}

fn blotted_response(response: HttpResponse, secret: Option<&Secret>) -> HttpResponse {
    let Some(secret) = secret else {
        return response;
    };
    let mut body = response.body;
    for form in forms(secret) {
        body = replaced(body, form.as_bytes());
    }
    let headers = response.headers.into_iter();
    let headers = headers.map(|(name, value)| (name, blot(value, Some(secret))));
    HttpResponse {
        headers: headers.collect(),
        body,
        ..response
    }
}

fn replaced(body: Vec<u8>, form: &[u8]) -> Vec<u8> {
    if !body.windows(form.len()).any(|window| window == form) {
        return body;
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    while let Some((first, others)) = rest.split_first() {
        match rest.strip_prefix(form) {
            Some(after) => {
                clean.extend_from_slice(BLOT.as_bytes());
                rest = after;
            }
            None => {
                clean.push(*first);
                rest = others;
            }
        }
    }
    clean
}
