ARG BASE_IMAGE=debian:bookworm-20250101
FROM ${BASE_IMAGE}
RUN pip install --require-hashes -r requirements.lock
