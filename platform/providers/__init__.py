"""Models that embed and models that answer, behind protocols: who uses one never knows where it runs."""
