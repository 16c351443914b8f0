"""Many runs as one declared, resumable set: methods x benchmarks x trials x seeds."""
