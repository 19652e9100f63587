//! A Redis server, with an append-only file or without persistence.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use redis::{Client, FromRedisValue, Script, aio::MultiplexedConnection, cmd};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::sleep,
};
use tower_stripe_webhook::BoxError;

use super::{start_until_it_answers, stop, until_it_works};
use crate::proxy::Proxy;

/// Moves what depends on the clock, as a step of the clock does.
///
/// Redis offers no other clock. ARGV: the step in milliseconds.
const STEP_CLOCK: &str = "
    local step = tonumber(ARGV[1])
    for _, key in ipairs(redis.call('KEYS', '*')) do
        local value = redis.call('GET', key)
        if string.match(key, ':last%-token$') then
            redis.call('SET', key, string.format('%.0f', tonumber(value) - step * 1000))
        elseif value ~= 'finished' then
            local rest = redis.call('PTTL', key) - step
            if rest > 0 then redis.call('PEXPIRE', key, rest) else redis.call('DEL', key) end
        end
    end
    return 1";

pub struct Redis {
    folder: PathBuf,
    /// The way of this program, which no fault disturbs.
    proxy: Proxy,
    is_persistent: bool,
    process: Mutex<Option<Child>>,
    /// Held during a restart, so that no other one starts a second server.
    restart: Mutex<()>,
}

pub(super) fn url(address: SocketAddr) -> String {
    format!("redis://{address}")
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("redis.socket")
}

impl Redis {
    pub(super) async fn start(folder: &Path, is_persistent: bool) -> Result<Self, BoxError> {
        let redis = Self {
            folder: folder.to_owned(),
            proxy: Proxy::before(&socket(folder)).await?,
            is_persistent,
            process: Mutex::default(),
            restart: Mutex::default(),
        };
        redis.launch().await?;
        Ok(redis)
    }

    pub(super) fn socket(&self) -> PathBuf {
        socket(&self.folder)
    }

    pub(super) async fn disconnect(&self) -> Result<(), BoxError> {
        until_it_works("closing connections in Redis", || async {
            self.query::<i64>(cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal")).await
        })
        .await
        .map(drop)
    }

    pub(super) async fn restart(&self, is_hard: bool, down: Duration) -> Result<(), BoxError> {
        let _alone = self.restart.lock().await;
        stop(&self.process, if is_hard { "KILL" } else { "TERM" }).await?;
        sleep(down).await;
        self.launch().await
    }

    pub(super) async fn step_clock(&self, millis: i64) -> Result<(), BoxError> {
        until_it_works("setting the clock of Redis", || async {
            let mut connection = self.connect().await?;
            Ok(Script::new(STEP_CLOCK).arg(millis).invoke_async::<i64>(&mut connection).await?)
        })
        .await
        .map(drop)
    }

    async fn launch(&self) -> Result<(), BoxError> {
        let path = self.folder.join("redis.log");
        let log = File::options().create(true).append(true).open(&path)?;
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--unixsocket"]).arg(self.socket());
        command.arg("--dir").arg(&self.folder).args(["--save", ""]);
        command.args(["--appendonly", if self.is_persistent { "yes" } else { "no" }]);
        command.args(["--maxmemory-policy", "noeviction"]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        start_until_it_answers("Redis", &self.process, command, &path, || async {
            self.query::<String>(&cmd("PING")).await.map(drop)
        })
        .await
    }

    async fn query<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, BoxError> {
        Ok(command.query_async(&mut self.connect().await?).await?)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, BoxError> {
        Ok(Client::open(url(self.proxy.address()))?.get_multiplexed_async_connection().await?)
    }
}
