use super::*;

fn given(api: &str) -> SettingsInput {
    SettingsInput {
        api_url_option: Some(api.into()),
        repository_option: Some("acme/widget".into()),
        ..SettingsInput::default()
    }
}

#[test]
fn the_other_urls_are_derived_from_any_one() {
    for (api, graphql, server) in [
        ("https://api.github.com", "https://api.github.com/graphql", "https://github.com/"),
        ("https://ghe.example/api/v3/", "https://ghe.example/api/graphql", "https://ghe.example/"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", "https://acme.ghe.com/"),
        ("http://127.0.0.1:81/api/v3", "http://127.0.0.1:81/api/graphql", "http://127.0.0.1:81/"),
        ("http://127.0.0.1:81", "http://127.0.0.1:81/graphql", "http://127.0.0.1:81/"),
    ] {
        let settings = Settings::derive(given(api)).unwrap();
        assert_eq!(settings.graphql_url.as_str(), graphql);
        assert_eq!(settings.server_url.as_str(), server);
    }
}

#[test]
fn the_api_url_defaults_to_github_com_or_is_derived_from_the_server() {
    let api = |server: Option<&str>| {
        let repository_option = Some("acme/widget".to_owned());
        let server_url = server.map(String::from);
        let given = SettingsInput { server_url, repository_option, ..SettingsInput::default() };
        Settings::derive(given).unwrap().api_url.to_string()
    };
    assert_eq!(api(None), "https://api.github.com/");
    assert_eq!(api(Some("https://github.com")), "https://api.github.com/");
    assert_eq!(api(Some("https://acme.ghe.com")), "https://api.acme.ghe.com/");
    assert_eq!(api(Some("https://ghe.example/")), "https://ghe.example/api/v3");
}

#[test]
fn an_option_overrides_the_environment() {
    let mut given = given("http://localhost:9/api/v3");
    given.graphql_url = Some("https://api.github.com/graphql".into());
    given.server_url = Some("https://github.com".into());
    let settings = Settings::derive(given).unwrap();
    assert_eq!(settings.graphql_url.as_str(), "http://localhost:9/api/graphql");
    assert_eq!(settings.server_url.as_str(), "http://localhost:9/");
}

#[test]
fn a_token_is_never_sent_in_plain_text_or_to_two_hosts() {
    let refused = |api: &str| Settings::derive(given(api)).unwrap_err();
    assert_eq!(refused("http://ghe.example"), SettingsError::Plain("http://ghe.example".into()));
    assert_eq!(
        refused("https://me:pw@ghe.example"),
        SettingsError::Credentials("ghe.example".into())
    );
    assert_eq!(refused("ftp://x"), SettingsError::Address("ftp://x".into()));
    let two = SettingsInput {
        graphql_url: Some("https://other.example/graphql".into()),
        repository: Some("acme/widget".into()),
        ..SettingsInput::default()
    };
    assert!(matches!(Settings::derive(two), Err(SettingsError::TwoHosts { .. })));
}

#[test]
fn a_remote_url_names_the_repository_only_on_its_own_server() {
    for remote in [
        "git@ghe.example:acme/widget.git",
        "ghe.example:acme/widget",
        "ssh://git@ghe.example:2222/acme/widget.git",
        "ssh://git@ssh.ghe.example:443/acme/widget.git",
        "https://someone@GHE.example/acme/widget",
        "https://ghe.example/acme/widget.git/",
    ] {
        let slug = slug_of_remote(remote, "ghe.example").unwrap();
        assert_eq!(slug.as_str(), "acme/widget", "{remote}");
    }
    for remote in [
        "git@github.com:acme/widget.git",
        "https://ghe.example.evil/acme/widget",
        "https://ghe.example/a/b/c",
        "/srv/git/widget.git",
        "../widget",
        "file:///srv/acme/widget",
        "C:\\git\\widget",
    ] {
        assert_eq!(slug_of_remote(remote, "ghe.example"), None, "{remote}");
    }
}

#[test]
fn options_take_precedence_over_the_environment_and_the_environment_over_the_remote() {
    let mut given = SettingsInput {
        repository_option: Some("a/option".into()),
        repository: Some("a/environment".into()),
        remote_url: Some("git@github.com:a/remote".into()),
        ..SettingsInput::default()
    };
    let name =
        |given: &SettingsInput| Settings::derive(given.clone()).unwrap().repository.to_string();
    assert_eq!(name(&given), "a/option");
    given.repository_option = None;
    assert_eq!(name(&given), "a/environment");
    given.repository = None;
    assert_eq!(name(&given), "a/remote");
    given.remote_url = Some("git@gitlab.com:a/remote".into());
    assert!(matches!(Settings::derive(given.clone()), Err(SettingsError::Foreign { .. })));
    given.remote_url = None;
    assert!(matches!(Settings::derive(given), Err(SettingsError::Nameless)));
}

#[test]
fn a_forge_host_is_recognized_by_its_name_or_the_configured_addresses() {
    let (server, api) = (Some("https://Git.Example.com"), Some("https://git.example.com/api/v3"));
    let kind = |remote: &str, server, api| {
        host_of_remote(remote).map(|host| kind_of_host(&host, server, api))
    };
    for remote in [
        "https://github.com/acme/widget",
        "https://www.github.com/acme/widget.git",
        "git@GitHub.com:acme/widget.git",
        "ssh://git@ssh.github.com:443/acme/widget.git",
        "ssh://git@github.com:22/acme/widget",
        "git+ssh://git@github.com/acme/widget",
        "ssh+git://git@github.com/acme/widget",
        "https://acme.ghe.com/acme/widget",
    ] {
        assert_eq!(kind(remote, None, None), Some(HostKind::GitHub), "{remote}");
    }
    for remote in ["https://git.example.com/acme/widget", "git@git.example.com:acme/widget"] {
        assert_eq!(kind(remote, None, None), Some(HostKind::Unknown), "{remote}");
        assert_eq!(kind(remote, server, None), Some(HostKind::GitHubServer), "{remote}");
        assert_eq!(kind(remote, None, api), Some(HostKind::GitHubServer), "{remote}");
    }
    assert_eq!(kind("gh-alias:acme/widget", None, None), Some(HostKind::Unknown));
    assert_eq!(kind("https://gitlab.com/acme/widget", None, None), Some(HostKind::OtherForge));
    for folder in
        ["../remote.git", "/srv/git/a:b.git", "file:///srv/a.git", "C:\\git\\a", "C:/git/a"]
    {
        assert_eq!(kind(folder, None, None), None, "{folder}");
    }
    assert!(slug_of_remote("https://www.github.com/acme/widget", "github.com").is_some());
}
