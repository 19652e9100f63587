//! The value of `DATABASE_URL`.

use std::{fmt, io, path::PathBuf};

use sqlx::{any::AnyConnectOptions, sqlite::SqliteConnectOptions};

use super::{OpenError, private_file};

/// The URL of a supported database. `Debug` does not show it, because it may contain a password.
#[derive(Clone)]
pub struct DatabaseUrl {
    url: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

impl DatabaseUrl {
    /// Takes `sqlite:` with a file name, or `postgres:`.
    pub fn parse(url: &str) -> Result<Self, DatabaseUrlError> {
        match url.split_once(':') {
            Some(("sqlite", rest)) => Self::sqlite(url, rest.trim_start_matches('/')),
            Some(("postgres" | "postgresql", _)) => {
                Ok(Self { url: url.to_owned(), kind: Kind::Postgres })
            }
            _ => Err(DatabaseUrlError(
                "must start with `sqlite://` or `postgres://`: set it to such a URL",
            )),
        }
    }

    fn sqlite(url: &str, file: &str) -> Result<Self, DatabaseUrlError> {
        let (file, options) = file.split_once('?').unwrap_or((file, ""));
        if file == ":memory:" || options.contains("mode=memory") {
            return Err(DatabaseUrlError(
                "must name a file, because memory is lost at exit: set it to a file",
            ));
        }
        if file.is_empty() {
            return Err(DatabaseUrlError("names no file: write it as `sqlite://billing.db`"));
        }
        let url = match options {
            "" => format!("{}?mode=rwc", url.trim_end_matches('?')),
            _ if options.contains("mode=") => url.to_owned(),
            _ => format!("{url}&mode=rwc"),
        };
        Ok(Self { url, kind: Kind::Sqlite })
    }

    /// Names a file in a folder.
    #[cfg(test)]
    pub(super) fn in_folder(folder: &std::path::Path) -> Self {
        Self::parse(&format!("sqlite://{}", folder.join("billing.db").display())).unwrap()
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the folder of a SQLite file if it does not exist.
    pub(super) fn missing_folder(&self) -> Option<PathBuf> {
        let file = self.file()?;
        let folder = file.parent()?;
        // A file without a folder is in the working directory.
        let is_missing = !folder.as_os_str().is_empty() && !folder.exists();
        is_missing.then(|| folder.to_owned())
    }

    /// Creates a missing SQLite file for its owner only, and logs a warning if other users can read
    /// an existing one. SQLite gives its `-wal` and `-shm` files the same mode.
    pub(super) fn protect_file(&self) -> io::Result<()> {
        let Some(file) = self.file() else { return Ok(()) };
        if self.url.contains("mode=rwc") {
            private_file::create(&file)?;
        }
        if private_file::others_can_read(&file) {
            tracing::warn!(
                ?file,
                "other users can read the database and the secrets in it: run `chmod 600` on it"
            );
        }
        Ok(())
    }

    fn file(&self) -> Option<PathBuf> {
        if self.kind != Kind::Sqlite {
            return None;
        }
        let options = self.url.parse::<SqliteConnectOptions>().ok()?;
        Some(options.get_filename().to_owned())
    }

    pub(super) fn connect_options(&self) -> Result<AnyConnectOptions, OpenError> {
        self.url.parse().map_err(OpenError::Url)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseUrl").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Why a URL is not supported, to be read after the name of the variable.
#[derive(Debug, PartialEq, Eq)]
pub struct DatabaseUrlError(pub &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_created_unless_the_url_sets_a_mode() {
        for (given, used) in [
            ("sqlite://billing.db", "sqlite://billing.db?mode=rwc"),
            ("sqlite:billing.db", "sqlite:billing.db?mode=rwc"),
            ("sqlite:///var/lib/billing.db", "sqlite:///var/lib/billing.db?mode=rwc"),
            ("sqlite://billing.db?", "sqlite://billing.db?mode=rwc"),
            ("sqlite://billing.db?mode=rw", "sqlite://billing.db?mode=rw"),
            ("sqlite://billing.db?cache=private", "sqlite://billing.db?cache=private&mode=rwc"),
        ] {
            let url = DatabaseUrl::parse(given).unwrap();
            assert_eq!((&*url.url, url.kind), (used, Kind::Sqlite));
        }
    }

    #[test]
    fn only_a_folder_that_does_not_exist_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("a b");
        for (given, expected) in [
            (format!("sqlite://{}/billing.db", folder.path().display()), None),
            (format!("sqlite://{}/a%20b/billing.db", folder.path().display()), Some(missing)),
            ("sqlite://billing.db".into(), None),
            ("postgres://host/no/such/folder".into(), None),
        ] {
            assert_eq!(DatabaseUrl::parse(&given).unwrap().missing_folder(), expected, "{given}");
        }
    }

    #[test]
    fn postgres_urls_are_unchanged_and_not_shown() {
        for given in
            ["postgres://me:hidden@host/db", "postgresql://me:hidden@host/db?sslmode=require"]
        {
            let url = DatabaseUrl::parse(given).unwrap();
            assert_eq!((&*url.url, url.kind), (given, Kind::Postgres));
            assert!(!format!("{url:?}").contains("hidden"));
        }
    }

    #[test]
    fn unsupported_urls_are_rejected() {
        for given in [
            "",
            "billing.db",
            "mysql://host/db",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://x?mode=memory",
        ] {
            assert!(DatabaseUrl::parse(given).is_err(), "{given}");
        }
    }
}
