ARG BASE_IMAGE=debian:bookworm-20250101
FROM ${BASE_IMAGE}
ENV API_TOKEN=not-a-real-one
