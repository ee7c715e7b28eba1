//! Signing with a person's SSH key.
//!
//! A plain Ed25519 or P-256 key is used in this process. Everything else (a key with a passphrase, one
//! in an agent or on a FIDO token, RSA) signs through `ssh-keygen -Y sign`, which asks its owner itself:
//! no passphrase ever passes through here. Neither key nor passphrase is written or printed anywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use readiness::signoff::NAMESPACE;
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, LineEnding, PrivateKey, PublicKey};

/// A file that stands for a key: the private one, or the public one of a key in an agent.
#[derive(Debug)]
pub(crate) struct Key {
    path: PathBuf,
    /// The key itself, where it may be used here.
    here: Option<PrivateKey>,
    /// The public key, where the files tell it.
    public: Option<PublicKey>,
}

impl Key {
    /// Looks at a key file.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.is_file() {
            bail!(
                "there is no key {}\n  hint: name one with --key",
                path.display()
            );
        }
        let public = PublicKey::read_openssh_file(path)
            .or_else(|_| PublicKey::read_openssh_file(&public_path(path)))
            .ok();
        // A file that is no OpenSSH private key may still be one that ssh-keygen can use.
        let private = PrivateKey::read_openssh_file(path).ok();
        let public = private
            .as_ref()
            .map(|key| key.public_key().clone())
            .or(public);
        let here = private.filter(|key| !key.is_encrypted() && usable(&key.algorithm()));
        Ok(Self {
            path: path.to_path_buf(),
            here,
            public,
        })
    }

    /// The public key, if the files tell it.
    pub(crate) fn public(&self) -> Option<&PublicKey> {
        self.public.as_ref()
    }

    /// The key file, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The signature of a text, in its armor.
    pub(crate) fn sign(&self, text: &[u8]) -> anyhow::Result<String> {
        match &self.here {
            Some(key) => {
                let signature = key.sign(NAMESPACE, HashAlg::Sha512, text);
                let armored = signature.and_then(|signature| signature.to_pem(LineEnding::LF));
                armored.with_context(|| format!("failed to sign with {}", self.path.display()))
            }
            None => self.sign_elsewhere(text),
        }
    }

    fn sign_elsewhere(&self, text: &[u8]) -> anyhow::Result<String> {
        // Files, not pipes: its standard input is for whoever answers its questions.
        let folder = tempfile::tempdir().context("failed to make a folder for ssh-keygen")?;
        let statement = folder.path().join("statement");
        std::fs::write(&statement, text).context("failed to hand the statement to ssh-keygen")?;
        let status = Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
            .arg(&self.path)
            .arg(&statement)
            .stdout(Stdio::null())
            .status()
            .with_context(|| {
                format!(
                    "{} needs ssh-keygen to sign, which cannot be run",
                    self.path.display()
                )
            })?;
        if !status.success() {
            bail!(
                "ssh-keygen did not sign with {} ({status})",
                self.path.display()
            );
        }
        std::fs::read_to_string(folder.path().join("statement.sig"))
            .context("ssh-keygen left no signature")
    }
}

fn usable(algorithm: &Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::Ed25519
            | Algorithm::Ecdsa {
                curve: EcdsaCurve::NistP256
            }
    )
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

/// The key that git signs with, if it is an SSH key, else the usual ones of the home folder.
pub(crate) fn default_path() -> Option<PathBuf> {
    if git_config(&["gpg.format"]).as_deref() == Some("ssh")
        && let Some(path) = git_config(&["--type=path", "user.signingkey"]).map(PathBuf::from)
        && path.is_file()
    {
        return Some(path);
    }
    let folder = PathBuf::from(std::env::var_os("HOME")?).join(".ssh");
    let usual = [
        "id_ed25519",
        "id_ecdsa",
        "id_ed25519_sk",
        "id_ecdsa_sk",
        "id_rsa",
    ];
    usual
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// A value of git's configuration, where we stand.
pub(crate) fn git_config(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("config")
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
