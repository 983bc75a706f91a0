from providers import sealing


def test_what_is_sealed_comes_back(data_dir):
    assert sealing.unseal(sealing.seal("sk-wind")) == "sk-wind"
    assert sealing.unseal(memoryview(sealing.seal("钥匙"))) == "钥匙"


def test_nothing_of_it_can_be_read_without_the_key(data_dir):
    assert b"sk-wind" not in sealing.seal("sk-wind")
    assert sealing.seal("sk-wind") != sealing.seal("sk-wind")


def test_the_key_is_made_once_and_for_its_owner_alone(data_dir):
    sealing.seal("one")
    path = data_dir / sealing.KEY_FILE
    kept = path.read_bytes()

    sealing.seal("two")

    assert path.read_bytes() == kept
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in data_dir.iterdir() if "connections-key" in entry.name] == [sealing.KEY_FILE]


def test_a_lost_changed_or_broken_key_opens_nothing(data_dir):
    sealed = sealing.seal("sk-wind")
    path = data_dir / sealing.KEY_FILE

    path.write_bytes(b"not a key")
    assert sealing.unseal(sealed) is None

    path.unlink()
    assert sealing.unseal(sealed) is None

    sealing.seal("another")
    assert sealing.unseal(sealed) is None
