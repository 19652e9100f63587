//! Whether the time of a failed verification depends on how much of the signature is right, after
//! dudect (Reparaz, Balasch, Verbauwhede, 2017).
//!
//! Each sample verifies a signature that differs from the right one in one bit: of the first byte,
//! or of the last byte. The order is random, and body and MAC are others in each sample. Welch's
//! t-test compares the two classes, also without the slowest samples, which the operating system
//! delayed. |t| < 4.5 means that no difference was found; the positive control, a comparison that
//! stops at the first difference, shows that one would have been.
//!
//! `cargo bench --bench timing` takes 10^7 samples of each; `cargo bench --bench timing -- 1000000`
//! takes fewer. It exits with 1 if a difference was found, or if the control has none.

use std::{
    env,
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

use tower_stripe_webhook::{
    SigningSecret, SigningSecrets, Tolerance, test_util::sign, verify_signature,
};

const SAMPLES: usize = 10_000_000;
const THRESHOLD: f64 = 4.5;

/// The shares of the fastest samples on which a test is made.
const SHARES: [f64; 4] = [1.0, 0.99, 0.9, 0.5];

/// The first samples only measure where the shares end.
const CALIBRATION: usize = 20_000;

fn main() -> ExitCode {
    let samples = env::args().find_map(|argument| argument.parse().ok()).unwrap_or(SAMPLES);
    let t = max_t(samples, verification());
    let control = max_t(samples, early_exit());
    println!("verify_signature:  |t| = {t:.2} in {samples} samples (limit {THRESHOLD})");
    println!("positive control:  |t| = {control:.2}");
    if t < THRESHOLD && control > THRESHOLD { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The two classes of a sample.
#[derive(Clone, Copy)]
enum Wrong {
    FirstByte = 0,
    LastByte = 1,
}

/// Measures `verify_signature`.
fn verification() -> impl FnMut(Wrong, u64) -> u64 {
    let secret =
        SigningSecret::new("whsec_0123456789abcdefghijklmnopqrstuv").expect("a valid secret");
    let secrets = SigningSecrets::from(secret.clone());
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    move |wrong, random| {
        let body = random.to_le_bytes();
        let mut header = sign(body, &secret, now).into_bytes();
        // Both classes write the same bytes, without a branch, so that only their values differ.
        let (first, last) = (header.len() - 64, header.len() - 1);
        header[first] = flip(header[first], wrong as u8 ^ 1);
        header[last] = flip(header[last], wrong as u8);
        let header = header.clone();
        let start = Instant::now();
        let result = verify_signature(
            black_box(&header),
            black_box(&body),
            &secrets,
            now,
            Tolerance::default(),
        );
        let elapsed = start.elapsed();
        assert!(black_box(result).is_err());
        nanoseconds(elapsed)
    }
}

/// The digit whose value differs in these bits.
fn flip(digit: u8, bits: u8) -> u8 {
    let value = char::from(digit).to_digit(16).expect("a hexadecimal digit") as u8 ^ bits;
    b"0123456789abcdef"[usize::from(value)]
}

/// Measures a comparison that stops at the first difference.
fn early_exit() -> impl FnMut(Wrong, u64) -> u64 {
    |wrong, random| {
        let right: [u8; 32] = std::array::from_fn(|i| random.rotate_left(i as u32) as u8);
        let mut given = right;
        given[0] ^= wrong as u8 ^ 1;
        given[31] ^= wrong as u8;
        let start = Instant::now();
        let mut same = 0;
        for (a, b) in black_box(&right).iter().zip(black_box(&given)) {
            if black_box(a != b) {
                break;
            }
            same += 1;
        }
        let elapsed = start.elapsed();
        black_box(same);
        nanoseconds(elapsed)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}

/// Takes samples, and returns the largest |t| of all shares.
fn max_t(samples: usize, mut measure: impl FnMut(Wrong, u64) -> u64) -> f64 {
    let mut random = Xorshift(0x2545_f491_4f6c_dd1d);
    let mut sample = || {
        let random = random.next();
        let wrong = [Wrong::FirstByte, Wrong::LastByte][(random >> 63) as usize];
        (wrong, measure(wrong, random))
    };
    let mut times: Vec<u64> = (0..CALIBRATION).map(|_| sample().1).collect();
    times.sort_unstable();
    let limits = SHARES.map(|share| match share {
        1.0 => u64::MAX,
        share => times[(share * times.len() as f64) as usize],
    });
    let mut tests = [WelchTest::default(); SHARES.len()];
    for _ in 0..samples {
        let (wrong, time) = sample();
        for (test, limit) in tests.iter_mut().zip(limits) {
            if time <= limit {
                test.add(wrong, time as f64);
            }
        }
    }
    tests.iter().map(|test| test.t().abs()).fold(0.0, f64::max)
}

/// Welch's t-test of two classes, with means and variances that are updated by each sample
/// (Welford).
#[derive(Clone, Copy, Default)]
struct WelchTest {
    count: [f64; 2],
    mean: [f64; 2],
    squares: [f64; 2],
}

impl WelchTest {
    fn add(&mut self, class: Wrong, value: f64) {
        let i = class as usize;
        self.count[i] += 1.0;
        let difference = value - self.mean[i];
        self.mean[i] += difference / self.count[i];
        self.squares[i] += difference * (value - self.mean[i]);
    }

    fn t(&self) -> f64 {
        let error = |i: usize| self.squares[i] / (self.count[i] - 1.0) / self.count[i];
        (self.mean[0] - self.mean[1]) / (error(0) + error(1)).sqrt()
    }
}

/// A generator of random numbers that need not be secret.
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}
