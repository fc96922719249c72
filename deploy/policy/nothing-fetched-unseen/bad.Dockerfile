ARG BASE_IMAGE=debian:bookworm-20250101
FROM ${BASE_IMAGE}
ADD https://example.com/app.tar.gz /app
