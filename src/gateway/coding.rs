//! Content codings: undone within bounds, so that what is judged is what is forwarded.

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::limit::Limit;
use super::settings::Limits;

/// Why a coded body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodingFault {
    /// A coding that is not spoken here, or more than one.
    Unsupported,
    /// The bytes are not of that coding, or something stands behind them.
    Malformed,
    /// It grows over the limit, or faster than the ratio allows.
    TooLarge(Limit),
}

/// The body without its coding. `bytes_max`, which `limit` sets, bounds the result.
pub async fn decode(
    headers: &HeaderMap,
    body: Vec<u8>,
    (limit, bytes_max): (Limit, usize),
    limits: &Limits,
) -> Result<Vec<u8>, CodingFault> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    let Some(coding) = codings.next() else {
        return Ok(body);
    };
    if codings.next().is_some() {
        return Err(CodingFault::Unsupported);
    }
    let by_ratio = body
        .len()
        .saturating_mul(limits.decode_ratio_max)
        .max(limits.ratio_floor_bytes);
    let bound = if by_ratio < bytes_max {
        (Limit::DecodeRatio, by_ratio)
    } else {
        (limit, bytes_max)
    };
    let mut rest = body.as_slice();
    match coding.as_bytes().to_ascii_lowercase().as_slice() {
        b"identity" => return Ok(body),
        b"gzip" | b"x-gzip" => drain(GzipDecoder::new(&mut rest), bound).await,
        b"deflate" => drain(ZlibDecoder::new(&mut rest), bound).await,
        b"br" => drain(BrotliDecoder::new(&mut rest), bound).await,
        b"zstd" => drain(ZstdDecoder::new(&mut rest), bound).await,
        _ => return Err(CodingFault::Unsupported),
    }
    .and_then(|decoded| {
        if rest.is_empty() {
            Ok(decoded)
        } else {
            Err(CodingFault::Malformed)
        }
    })
}

async fn drain(
    mut decoder: impl AsyncRead + Unpin,
    (limit, bound): (Limit, usize),
) -> Result<Vec<u8>, CodingFault> {
    let mut decoded = Vec::new();
    // Not an array: every request's future would have room for it.
    let mut part = vec![0_u8; 16 << 10];
    loop {
        let read = decoder
            .read(&mut part)
            .await
            .map_err(|_| CodingFault::Malformed)?;
        if read == 0 {
            return Ok(decoded);
        }
        decoded.extend_from_slice(part.get(..read).unwrap_or_default());
        if decoded.len() > bound {
            return Err(CodingFault::TooLarge(limit));
        }
    }
}

#[cfg(test)]
mod tests {
    use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
    use http::HeaderValue;
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn encode(coding: &str, body: &[u8]) -> Vec<u8> {
        macro_rules! with {
            ($encoder:ident) => {{
                let mut encoder = $encoder::new(Vec::new());
                encoder.write_all(body).await.unwrap();
                encoder.shutdown().await.unwrap();
                encoder.into_inner()
            }};
        }
        match coding {
            "gzip" => with!(GzipEncoder),
            "deflate" => with!(ZlibEncoder),
            "br" => with!(BrotliEncoder),
            "zstd" => with!(ZstdEncoder),
            _ => body.to_vec(),
        }
    }

    async fn decoded(coding: &str, body: Vec<u8>) -> Result<Vec<u8>, CodingFault> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        let bound = (Limit::InspectedBodyBytes, 1 << 20);
        decode(&headers, body, bound, &Limits::default()).await
    }

    #[tokio::test]
    async fn each_coding_is_undone() {
        let body = r#"{"text":"안녕하세요"}"#.repeat(100).into_bytes();
        for coding in ["gzip", "deflate", "br", "zstd", "identity"] {
            assert_eq!(
                decoded(coding, encode(coding, &body).await).await,
                Ok(body.clone()),
                "{coding}"
            );
        }
    }

    #[tokio::test]
    async fn a_bomb_is_refused() {
        let bomb = vec![b' '; 8 << 20];
        for coding in ["gzip", "deflate", "br", "zstd"] {
            let bomb = decoded(coding, encode(coding, &bomb).await).await;
            assert!(matches!(bomb, Err(CodingFault::TooLarge(_))), "{coding}");
        }
    }

    #[tokio::test]
    async fn what_stands_behind_or_is_cut_is_refused() {
        for coding in ["gzip", "deflate", "br", "zstd"] {
            let whole = encode(coding, b"{\"a\":1}").await;
            let mut longer = whole.clone();
            longer.extend_from_slice(&whole);
            assert_eq!(
                decoded(coding, longer).await,
                Err(CodingFault::Malformed),
                "{coding} twice"
            );
            let cut = whole[..whole.len() - 1].to_vec();
            assert_eq!(
                decoded(coding, cut).await,
                Err(CodingFault::Malformed),
                "{coding} cut"
            );
        }
    }

    #[tokio::test]
    async fn an_unknown_coding_is_refused() {
        assert_eq!(
            decoded("compress", vec![1]).await,
            Err(CodingFault::Unsupported)
        );
        assert_eq!(
            decoded("gzip, br", vec![1]).await,
            Err(CodingFault::Unsupported)
        );
    }
}
