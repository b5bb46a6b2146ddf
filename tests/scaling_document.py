"""A document of lrbench scaling with literal samples, for the tests of what keeps and shows it."""

DOCUMENT = {
    "size": "1000x10",
    "size_bytes": 8.0 * 1000 * 11,
    "environment": {"cpu": "<b>fast</b>", "python": "CPython 3.11"},
    "passes": [
        {"page_cache": "full", "what": "first pass", "time_s": 0.5, "over_reading": 1.25, "anonymous_bytes": 2.0**29}
    ],
    "workers": [
        {
            "workers": 2,
            "block_bytes": 4 * 2**20,
            "time_s": 0.5,
            "bytes_per_s": 2e9,
            "efficiency": 0.9,
            "kernel_efficiency": 0.95,
            "model_s": 0.45,
            "model_over_measured": 0.9,
        }
    ],
    "forecasts": [
        {
            "n_samples": 10**9,
            "n_features": 100,
            "workers": 100,
            "time_s": 7200.0,
            "compute_s": 7199.0,
            "schedule_s": 2.0,
            "reduce_s": 0.5,
        }
    ],
    "implementations": [
        {
            "implementation": "mine",
            "status": "ok",
            "reason": "",
            "time_s": 1.0,
            "digits": 15.95,
            "anonymous_bytes": 0.0,
        },
        {"implementation": "theirs", "status": "failed", "reason": "no <memory>"},
    ],
}
